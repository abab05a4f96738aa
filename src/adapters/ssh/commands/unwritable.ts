import { ProvisionError } from '../../../contract/errors.js';
import { lastLines, redact } from '../../../domain/secrets/redact.js';
import type { LoginHost } from '../login/login-host.js';
import { placeOf } from '../ssh-errors.js';

type Cause = [said: RegExp, what: string, hint: string];

const WRITERS = 'bash: line \\d+|cat|chmod|chown|cp|dd|install|ln|mkdir|mktemp|mv|rm|rmdir|sed|tee|touch';

/** Words of the C library, which scripts get in English. */
const CAUSES: readonly Cause[] = [
  [/: No space left on device$/, 'a disk of the host is full', 'free space on the host: df -h, and df -i for inodes'],
  [/: Disk quota exceeded$/, 'a quota of the host is used up', 'raise the quota, or free space on the host'],
  [
    /: Read-only file system$/,
    'a file system of the host is read-only',
    'mount it writable; the kernel makes it read-only after an error of the disk: sudo dmesg | grep -i error',
  ],
  [
    new RegExp(`^(${WRITERS}): .*: Operation not permitted$`),
    'the host lets not even root change a file',
    'find what forbids it: lsattr shows files with the attribute i, which sudo chattr -i takes away',
  ],
];

const LINES_SHOWN = 10;

/** The script failed since something cannot be written, and waiting does not help; undefined: it failed otherwise. */
export function hostUnwritable(host: LoginHost, stderr: string): ProvisionError | undefined {
  const lines = stderr.split('\n').map((line) => line.trim());
  for (const [said, what, hint] of CAUSES) {
    const line = lines.findLast((each) => said.test(each));
    if (line !== undefined)
      return new ProvisionError(
        'HOST_UNWRITABLE',
        `${what}: ${redact(line)}`,
        hint,
        placeOf(host),
        lastLines(stderr, LINES_SHOWN),
      );
  }
  return undefined;
}
