import { codeOf, messageOf, textOf } from './caught.js';
import { ProvisionError } from './errors.js';

/** Of Node's functions for files: a person has to change something, and trying again does not help. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota is used up',
  ENOTDIR: 'a part of the path is a file',
  ENAMETOOLONG: 'the path is too long',
};
/** What is written to an open file fails without its path. */
const OF_A_WRITE = ['ENOSPC', 'EDQUOT'];

/** Of a file on the machine that runs leafspan; undefined: the failure is another one. */
export function fileRefusal(error: unknown): ProvisionError | undefined {
  const [code = '', path, call] = [codeOf(error), textOf(error, 'path'), textOf(error, 'syscall')];
  // Node says so where the parent can be read and not be written.
  const reason = code === 'ENOENT' && call === 'mkdir' ? 'it cannot be made' : REASONS[code];
  if (reason === undefined || call === undefined || (path === undefined && !OF_A_WRITE.includes(code)))
    return undefined;
  return new ProvisionError(
    'LOCAL_FILE_REFUSED',
    path === undefined ? messageOf(error) : `${path}: ${reason}`,
    'check who owns it and what its disk has left: ls -ld, df -h; LEAFSPAN_STATE_DIR names another state directory',
  );
}
