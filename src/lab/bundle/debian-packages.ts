import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { ProvisionError } from '../../contract/errors.js';
import { mustRun, run, succeeds } from '../machine/run-command.js';
import { DEBIAN_FILES } from './recipe.js';

/** Takes the files wanted out of Debian's packages, without installing them, flat into one directory. */
export async function fetchDebianFiles(
  directory: string,
  signal: AbortSignal | undefined,
  wanted: Readonly<Record<string, readonly string[]>> = DEBIAN_FILES,
): Promise<void> {
  for (const tool of ['apt-get', 'dpkg-deb']) {
    if (await succeeds(tool, ['--version'])) continue;
    throw new ProvisionError(
      'LAB_TOOL_MISSING',
      `building the lab's bundle needs ${tool}`,
      'build it on Debian or Ubuntu, or give the lab a bundle: lab up --bundle DIR',
    );
  }
  const work = mkdtempSync(join(tmpdir(), 'leafspan-debian-'));
  try {
    await download(work, Object.keys(wanted), signal);
    for (const archive of readdirSync(work).filter((name) => name.endsWith('.deb'))) {
      await mustRun('dpkg-deb', ['-x', join(work, archive), join(work, 'root')], { signal });
    }
    for (const path of Object.values(wanted).flat()) {
      cpSync(join(work, 'root', path), join(directory, basename(path)), { recursive: true, dereference: true });
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function download(
  directory: string,
  packages: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const fetch = ['-C', directory, 'apt-get', '-qq', '-o', 'APT::Sandbox::User=root', 'download', ...packages];
  if ((await run('env', fetch, { signal })).code === 0) return;
  // The lists may be missing or older than what the mirror has now.
  await mustRun('apt-get', ['-qq', 'update'], { signal });
  await mustRun('env', fetch, { signal });
}

/** Mozilla's authorities, one after the other, as programs look for them in one file. */
export function certificateBundle(debian: string): Buffer {
  const directory = join(debian, 'mozilla');
  return Buffer.concat(
    readdirSync(directory)
      .sort()
      .map((name) => readFileSync(join(directory, name))),
  );
}
