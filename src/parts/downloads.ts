import { ProvisionError, type ErrorCode } from '../contract/errors.js';
import {
  checksumListsScript,
  downloadScript,
  parseChecksumLists,
  type Download,
} from '../domain/artifacts/releases.js';
import { checksumIn } from '../domain/artifacts/sums.js';
import { MAX_PROGRAM_MB, type ArchivedDownload } from '../domain/artifacts/tools.js';
import { recordOf, unpackScript } from '../domain/artifacts/unpack.js';
import type { Site } from './site.js';

/** A release of K3s is some 300 MB; a slow line needs its time. */
const DOWNLOAD_TIMEOUT_MS = 20 * 60_000;
const NO_CURL = 43;

export const isArchived = (file: Download | ArchivedDownload): file is ArchivedDownload => 'member' in file;

/**
 * The host asks the publishers for the checksums only. What cannot be fetched now is a fact, not an error. Of a program in
 * an archive it knows the checksum once it has unpacked it.
 */
export async function readChecksums(
  site: Site,
  files: readonly (Download | ArchivedDownload)[],
): Promise<(file: Download | ArchivedDownload) => string | Unknown> {
  const urls = [...new Set(files.flatMap((file) => (isArchived(file) ? [] : [file.sums.url])))];
  const { code, stdout } = await site.run(checksumListsScript(urls), { okCodes: [NO_CURL] });
  if (code === NO_CURL) throw failed(site, NO_CURL);
  const { lists, refused, known } = parseChecksumLists(stdout);
  return (wanted) => {
    if (isArchived(wanted))
      return known.get(recordOf(wanted)) ?? { unknown: `its checksum is known when ${wanted.url} is unpacked` };
    const {
      url: file,
      sums: { url, name },
    } = wanted;
    const list = lists.get(url);
    if (list !== undefined) return checksumIn(list, name) ?? { unknown: `${url} has no checksum of ${name}` };
    const before = known.get(file);
    if (before !== undefined) return before;
    return refused.includes(url)
      ? { unknown: `${url} is not there, or a proxy forbids it`, isRefused: true }
      : { unknown: `${url} cannot be fetched now` };
  };
}

/** A checksum that is not known, and why. */
export interface Unknown {
  unknown: string;
  /** The server says so itself: it will not be known later either. */
  isRefused?: true;
}

/** Of a file that the host does not have and cannot get. */
export const refused = ({ host }: Site, why: string): ProvisionError =>
  new ProvisionError('DOWNLOAD_REFUSED', why, CHECK_SOURCE, { host: host.name });

const CHECK_SOURCE = 'check the version in the topology and artifacts.mirror';

/** The host downloads a file, checks it and gives it its name. @throws ProvisionError ARTIFACT_CORRUPT, DOWNLOAD_FAILED */
export async function download(site: Site, file: Download): Promise<void> {
  site.work.heartbeat(`downloading ${file.url}`);
  const okCodes = [41, 42, NO_CURL, 44, 45];
  const options = { timeoutMs: DOWNLOAD_TIMEOUT_MS, okCodes, failFast: true };
  const { code, stdout, stderr } = await site.run(downloadScript(file), options);
  if (code !== 0) throw failed(site, code, { file, stdout: stdout.trim(), stderr: stderr.trim() });
}

/** The host downloads an archive and unpacks the program. @throws ProvisionError ARTIFACT_CORRUPT, DOWNLOAD_FAILED */
export async function downloadArchived(site: Site, file: ArchivedDownload): Promise<void> {
  const { url, member } = file;
  site.work.heartbeat(`downloading ${url}`);
  const okCodes = [41, NO_CURL, 44, 45, 46, 47];
  const options = { timeoutMs: DOWNLOAD_TIMEOUT_MS, okCodes, failFast: true };
  const { code, stdout, stderr } = await site.run(unpackScript(file), options);
  if (code === 0) return;
  const texts: Readonly<Record<number, Explanation>> = {
    41: ['ARTIFACT_CORRUPT', `checksum mismatch for ${url}: ${stdout.trim()}`, 'check artifacts.mirror'],
    44: ['DOWNLOAD_FAILED', withReason(`${url} cannot be fetched`, stderr), TOOLS_HINT],
    45: ['DOWNLOAD_REFUSED', withReason(`${url} is not there`, stderr), TOOLS_HINT],
    46: ['ARTIFACT_CORRUPT', `${url} has no program ${member}`, 'check artifacts.mirror'],
    47: ['ARTIFACT_CORRUPT', `${member} in ${url} is larger than ${MAX_PROGRAM_MB} MB`, 'check artifacts.mirror'],
  };
  const [type, message, hint] = texts[code] ?? explain(NO_CURL, undefined);
  throw new ProvisionError(type, message, hint, { host: site.host.name });
}

const TOOLS_HINT =
  'check that the host can reach it; a proxy is taken from its /etc/environment; or leave the tool out: tools in the topology';

const withReason = (message: string, reason: string): string =>
  [message, reason.trim()].filter((text) => text !== '').join(': ');

interface Attempted {
  file: Download;
  stdout: string;
  stderr: string;
}

function failed({ host }: Site, code: number, attempted?: Attempted): ProvisionError {
  const [type, message, hint] = explain(code, attempted);
  return new ProvisionError(type, message, hint, { host: host.name });
}

type Explanation = [code: ErrorCode, message: string, hint: string];

function explain(code: number, attempted: Attempted | undefined): Explanation {
  if (code === NO_CURL || attempted === undefined)
    return ['PREFLIGHT_FAILED', 'command curl is missing', 'install curl, or use artifacts.bundle'];
  const { file, stdout, stderr } = attempted;
  const { url, sums } = file;
  if (code === 41)
    return ['ARTIFACT_CORRUPT', `checksum mismatch for ${url}: ${stdout} by ${sums.url}`, 'check artifacts.mirror'];
  if (code === 42)
    return [
      'ARTIFACT_CORRUPT',
      `${sums.url} has no checksum of ${sums.name}`,
      'check the version in the topology, and artifacts.mirror',
    ];
  if (code === 45)
    return [
      'DOWNLOAD_REFUSED',
      [`${url} or ${sums.url} is not there`, stderr].filter((text) => text !== '').join(': '),
      CHECK_SOURCE,
    ];
  return [
    'DOWNLOAD_FAILED',
    [`${url} or ${sums.url} cannot be fetched`, stderr].filter((text) => text !== '').join(': '),
    'check the version in the topology and artifacts.mirror, and that the host can reach it; a proxy is taken from its /etc/environment',
  ];
}
