import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BUNDLE_MANIFEST_FILE } from '../../domain/artifacts/bundle-manifest.js';
import { ProvisionError } from '../../contract/errors.js';
import { withLock } from '../../local/lock.js';
import { ownBundles } from '../names.js';
import { writeBundle } from './artifacts.js';
import { buildParts } from './build-parts.js';
import { findGo } from './go-toolchain.js';
import { fillAside, PartStore } from './part-store.js';
import { planBundle, type BundlePlan } from './parts.js';
import type { BundleProgress, BundleReport } from './progress.js';

export type { BundleProgress } from './progress.js';

const BUNDLES_KEPT = 3;

export interface BundleOptions {
  cacheDir: string;
  report: (line: BundleProgress) => void;
  signal?: AbortSignal;
}

/** The lab's bundle, from the cache or built: everything a bare host needs, only from package registries. */
export async function ensureBundle({
  cacheDir,
  report,
  signal,
}: BundleOptions): Promise<{ dir: string; built: boolean }> {
  const started = Date.now();
  const plan = planBundle();
  const dir = join(ownBundles({ cacheDir }), plan.key);
  if (isWhole(dir)) {
    report({ step: 'bundle', state: 'done', detail: 'built before', elapsedMs: Date.now() - started });
    return { dir, built: false };
  }
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new ProvisionError(
      'LAB_NOT_LINUX',
      `the lab's bundle is for Linux on x64; this is ${process.platform} on ${process.arch}`,
      'use such a machine, or give the lab a bundle: lab up --bundle DIR',
    );
  }
  mkdirSync(cacheDir, { recursive: true });
  const onWait = (holder: string): void =>
    report({ step: 'bundle', state: 'note', detail: `${holder} is building it; waiting` });
  const built = await withLock(join(cacheDir, 'bundle.lock'), { signal, onWait }, (held) =>
    build(cacheDir, dir, plan, report, held),
  );
  report({ step: 'bundle', state: 'done', detail: dir, elapsedMs: Date.now() - started });
  return { dir, built };
}

const isWhole = (dir: string): boolean => existsSync(join(dir, BUNDLE_MANIFEST_FILE));

/** False: the earlier holder of the lock has built it. */
async function build(
  cacheDir: string,
  dir: string,
  plan: BundlePlan,
  report: BundleReport,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  if (isWhole(dir)) return false;
  const go = await findGo(signal);
  const store = new PartStore(join(cacheDir, 'bundle-parts'), report);
  const directories = await buildParts(plan, store, go, signal);
  await fillAside(dir, (directory) => {
    writeBundle(directory, directories, plan, (path) => mkdirSync(path, { recursive: true }));
    return Promise.resolve();
  });
  store.keepOnly(Object.values(plan.parts));
  dropOldBundles(ownBundles({ cacheDir }), dir);
  return true;
}

/** A topology may still name the bundle before this one, so the newest few stay. */
function dropOldBundles(directory: string, current: string): void {
  const byAge = readdirSync(directory)
    .map((name) => join(directory, name))
    .filter((path) => path !== current)
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  for (const path of byAge.slice(BUNDLES_KEPT - 1)) rmSync(path, { recursive: true, force: true });
}
