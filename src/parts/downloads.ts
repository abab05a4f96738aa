import { ProvisionError, type ErrorCode } from '../contract/errors.js';
import {
  checksumListsScript,
  downloadScript,
  parseChecksumLists,
  type Download,
} from '../domain/artifacts/releases.js';
import { checksumIn } from '../domain/artifacts/sums.js';
import type { Site } from './site.js';

/** A release of K3s is some 300 MB; a slow line needs its time. */
const DOWNLOAD_TIMEOUT_MS = 20 * 60_000;
const NO_CURL = 43;

/** The host asks the publishers for the checksums only. What cannot be fetched now is a fact, not an error. */
export async function readChecksums(
  site: Site,
  files: readonly Download[],
): Promise<(file: Download) => string | Unknown> {
  const urls = [...new Set(files.map(({ sums }) => sums.url))];
  const { code, stdout } = await site.run(checksumListsScript(urls), { okCodes: [NO_CURL] });
  if (code === NO_CURL) throw failed(site, NO_CURL);
  const { lists, refused, known } = parseChecksumLists(stdout);
  return ({ url: file, sums: { url, name } }) => {
    const list = lists.get(url);
    if (list !== undefined) return checksumIn(list, name) ?? { unknown: `${url} has no checksum of ${name}` };
    const before = known.get(file);
    if (before !== undefined) return before;
    return refused.includes(url)
      ? { unknown: `${url} is not there`, isRefused: true }
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
