import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isLocked, withLock } from '../../local/lock.js';
import { mustRun } from '../machine/run-command.js';
import type { LabReport } from '../types.js';

const SUITE = 'bookworm';
const STEP = 'root';
/** The same place from src/lab/hosts and from dist/lab/hosts. */
const LAB_DIRECTORY = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', 'lab');
const RECIPE = join(LAB_DIRECTORY, 'root');

export const SUPERVISE = join(LAB_DIRECTORY, 'host', 'supervise.sh');

export interface HostRoot {
  /** The lower layer of every host's overlay. */
  root: string;
  /** What every host's disk begins as. */
  diskImage: string;
}

/** The Debian root, built once per recipe; a build that is cut off leaves nothing that a later one would take for whole. */
export async function ensureHostRoot(of: {
  cacheDir: string;
  report: LabReport;
  signal?: AbortSignal | undefined;
}): Promise<HostRoot> {
  const dir = join(of.cacheDir, `root-${recipeDigest(RECIPE)}`);
  const built = { root: join(dir, 'root'), diskImage: join(dir, 'disk.img') };
  if (existsSync(dir)) return built;
  mkdirSync(of.cacheDir, { recursive: true });
  const onWait = (holder: string): void =>
    of.report({ step: STEP, state: 'note', detail: `${holder} is building it; waiting` });
  await withLock(lockOf(of.cacheDir), { signal: of.signal, onWait }, async (signal) => {
    if (!existsSync(dir)) await buildRoot(dir, { ...of, signal });
  });
  return built;
}

/** What a killed build has left. */
export async function removeAbandonedRoots(cacheDir: string): Promise<void> {
  if (!existsSync(cacheDir) || (await isLocked(lockOf(cacheDir)))) return;
  for (const name of readdirSync(cacheDir)) {
    if (/^root-.*\.building$/.test(name)) rmSync(join(cacheDir, name), { recursive: true, force: true });
  }
}

async function buildRoot(
  dir: string,
  of: { cacheDir: string; report: LabReport; signal?: AbortSignal | undefined },
): Promise<void> {
  const { report, signal } = of;
  const started = Date.now();
  const building = `${dir}.building`;
  rmSync(building, { recursive: true, force: true });
  mkdirSync(building, { recursive: true });
  const detail = 'Debian 12, once; about a minute with a near mirror';
  report({ step: STEP, state: 'running', detail });
  const progress = stageProgress((stage) => report({ step: STEP, state: 'running', detail: stage }));
  const build = [building, SUITE, ...aptMirror()];
  await mustRun(join(RECIPE, 'build.sh'), build, { signal, onLine: progress, apart: true });
  renameSync(building, dir);
  removeOldRoots(of.cacheDir, dir);
  report({ step: STEP, state: 'done', detail: dir, elapsedMs: Date.now() - started });
}

/** Roots of other recipes, unless a host still lies on one. */
function removeOldRoots(cacheDir: string, current: string): void {
  const mounted = readFileSync('/proc/self/mountinfo', 'utf8');
  const old = readdirSync(cacheDir).filter((name) => /^root-[0-9a-f]+$/.test(name) && join(cacheDir, name) !== current);
  for (const dir of old.map((name) => join(cacheDir, name)).filter((each) => !mounted.includes(`${each}/`))) {
    rmSync(dir, { recursive: true, force: true });
  }
}

const lockOf = (cacheDir: string): string => join(cacheDir, 'root.lock');

/** debootstrap says a line per package; people want one per ten. */
function stageProgress(report: (stage: string) => void): (line: string) => void {
  const counts = new Map<string, number>();
  return (line) => {
    const verb = /^I: (Retrieving|Extracting|Unpacking|Configuring|Making)\b/.exec(line)?.[1];
    if (verb === undefined) return;
    const count = (counts.get(verb) ?? 0) + 1;
    counts.set(verb, count);
    if (count % 10 === 1) report(`${verb.toLowerCase()} packages (${count})`);
  };
}

/** The mirror that this machine itself installs from, if it is a Debian; else debootstrap knows one. */
export function aptMirror(etc = '/etc'): string[] {
  const release = join(etc, 'os-release');
  if (!existsSync(release) || !/^ID="?debian"?$/m.test(readFileSync(release, 'utf8'))) return [];
  const lists = join(etc, 'apt', 'sources.list.d');
  const files = existsSync(lists) ? readdirSync(lists).filter((name) => /\.(list|sources)$/.test(name)) : [];
  const sources = [join(etc, 'apt', 'sources.list'), ...files.map((name) => join(lists, name))].filter(existsSync);
  const text = sources.map((file) => readFileSync(file, 'utf8')).join('\n');
  const mirrors = [...text.matchAll(/^(?:URIs:|deb(?: \[[^\]]*\])?)\s+(https?:\/\/\S+)/gm)].map(
    (match) => match[1] ?? '',
  );
  // The security archive and the vendors' own lists hold no base system.
  return mirrors
    .filter((url) => /\/debian\/?$/.test(url))
    .concat(mirrors)
    .slice(0, 1);
}

/** Names, modes and contents of every file of the recipe. */
export function recipeDigest(recipe: string): string {
  const hash = createHash('sha256').update(SUITE);
  const files = readdirSync(recipe, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  for (const path of paths) hash.update(`\0${relative(recipe, path)}\0`).update(readFileSync(path));
  return hash.digest('hex').slice(0, 12);
}
