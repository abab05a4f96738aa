import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/** The version that leafspan is tested with. A Temporal CLI on the PATH may be another one. */
export const CLI_VERSION = '1.9.1';

/** SHA-256 of the program of that version, by the names that Node gives to systems and processors. */
const SUMS: Readonly<Partial<Record<string, string>>> = {
  'linux-x64': '712217694cac9f786a72d4b6c876cd15f3dcf1bf31434d9fed6af25242a327a0',
  'linux-arm64': '667e9403cb2faaf439ecaa7eb7190e0d08521de6c9118da7fd26ad594281271d',
  'darwin-x64': 'd5776986d343fb789f49e4e7b6d3faca931c0877b71c6d4a7ac39dba467155cc',
  'darwin-arm64': '33c298d41f6eefebf01a28a3511f444480e939e21d3518cb0c12a4abad467c4b',
};

/**
 * Why a program must not run; undefined: it is the one that leafspan was tested with. Neither the server nor the index is asked
 * for a checksum: both would come from one place.
 */
export async function whyNotTrusted(
  program: string,
  { platform, arch }: Pick<NodeJS.Process, 'platform' | 'arch'> = process,
): Promise<string | undefined> {
  const wanted = SUMS[`${platform}-${arch}`];
  if (wanted === undefined) return `no checksum is known for ${platform} on ${arch}`;
  const hash = createHash('sha256');
  await pipeline(createReadStream(program), hash);
  const sum = hash.digest('hex');
  return sum === wanted ? undefined : `the program has SHA-256 ${sum} instead of ${wanted}`;
}
