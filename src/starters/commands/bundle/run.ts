import { resolve } from 'node:path';
import { bundleParts } from '../../../domain/artifacts/bundle-contents.js';
import type { Arch, Artifact, BundleManifest } from '../../../domain/artifacts/bundle-manifest.js';
import { archesOf, lacking } from '../../../domain/artifacts/bundle-needs.js';
import type { BuildProgress } from '../../../adapters/releases/bundle-builder.js';
import type { FolderBundles } from '../../../adapters/bundle/folder-bundles.js';
import type { Context } from '../../context.js';
import { usage } from '../../failure.js';
import { Interrupted, interruptible, printData, printJson, say } from '../../io.js';
import { renderArtifacts, renderInspection, type Inspection } from './output.js';
import { bytes } from '../../terminal/bytes.js';
import { renderError } from '../../terminal/error.js';
import { Setup } from '../../watch/setup.js';

export interface BuildArguments {
  out: string;
  arch: Arch;
  k3s: string;
  linkerd: string;
  mirror?: string;
}

/** Between two redrawings of a download. */
const REDRAW_MS = 100;

const bundlesOf = async ({ settings }: Context): Promise<FolderBundles> =>
  new (await import('../../../adapters/bundle/folder-bundles.js')).FolderBundles(settings.cacheDir);

export async function build(context: Context, { out, ...wanted }: BuildArguments): Promise<number> {
  const { io } = context;
  const folder = resolve(io.cwd, out);
  const bundles = await bundlesOf(context);
  const parts = bundleParts(wanted);
  const made = new Set(parts.map(({ artifact }) => artifact.file));
  const others = (await present(bundles, folder)).filter(({ file }) => !made.has(file));
  refuseMixture(folder, wanted.arch, others);
  const setup = new Setup(context);
  try {
    await interruptible(io, async (signal) => {
      const { buildBundle } = await import('../../../adapters/releases/bundle-builder.js');
      const report = progressOn(setup);
      await buildBundle({ folder, name: `leafspan-${wanted.arch}`, parts, others, env: io.env, signal, report });
      await bundles.verify(folder, signal); // with what was there before
    });
  } catch (error) {
    setup.settle();
    if (error instanceof Interrupted) say(io, 'stopped; run the same command to continue');
    throw error;
  }
  setup.settle();
  say(io, `✔ the bundle is complete; name it in a topology: artifacts: { bundle: ${folder} }`);
  return 0;
}

/** The artifacts of a bundle that is in the directory already. A broken one is made again. */
const present = (bundles: FolderBundles, folder: string): Promise<Artifact[]> =>
  bundles.manifest(folder).then(
    ({ artifacts }) => artifacts,
    () => [],
  );

function refuseMixture(folder: string, arch: Arch, others: readonly Artifact[]): void {
  const foreign = others.find((artifact) => artifact.arch !== 'any' && artifact.arch !== arch);
  if (foreign !== undefined)
    throw usage(`${folder} has a bundle for ${foreign.arch}`, 'use a directory of its own for each architecture');
}

function progressOn(setup: Setup): (progress: BuildProgress) => void {
  const started = new Map<string, number>();
  let drawn = 0;
  return ({ artifact, state, received, total }) => {
    const step = artifact === undefined ? 'releases' : titleOf(artifact);
    const now = Date.now();
    if (!started.has(step)) started.set(step, now);
    const size = total === undefined ? '' : bytes(total);
    if (state === 'running') {
      if (received !== undefined && now - drawn < REDRAW_MS) return;
      drawn = now;
      const detail = received === undefined ? '' : `${bytes(received)}${size === '' ? '' : ` of ${size}`}`;
      return setup.report({ step, state, detail });
    }
    const kept = state === 'kept';
    const detail =
      artifact === undefined ? 'found all' : [artifact.version, size, ...(kept ? ['already there'] : [])].join(', ');
    setup.report({ step, state: 'done', detail, ...(kept ? {} : { elapsedMs: now - (started.get(step) ?? now) }) });
  };
}

const titleOf = ({ kind, name }: Pick<Artifact, 'kind' | 'name'>): string => (kind === 'cli' ? `${name} CLI` : name);

/** Exit code 1: it has problems. */
export async function verify(context: Context, dir: string, { json }: { json?: boolean }): Promise<number> {
  const { io, style } = context;
  const folder = resolve(io.cwd, dir);
  const bundles = await bundlesOf(context);
  const { manifest, faults } = await interruptible(io, (signal) => bundles.inspect(folder, signal));
  const inspection: Inspection = {
    folder,
    ...(manifest === undefined ? {} : { name: manifest.name, artifacts: manifest.artifacts.length }),
    faults,
    missing: manifest === undefined ? [] : missingIn(manifest),
  };
  if (json === true) printJson(io, inspection);
  else printData(io, renderInspection(inspection, style));
  if (faults.length === 0) return 0;
  const hint = 'replace the files that are named; a bundle made by bundle build is completed by the same command';
  say(io, renderError({ code: 'BUNDLE_INVALID', message: `${folder} is not a complete bundle`, hint }, style));
  return 1;
}

const missingIn = (manifest: BundleManifest): Inspection['missing'] =>
  archesOf(manifest).flatMap((arch) =>
    (['direct', 'mesh'] as const).map((mode) => ({ mode, arch, parts: lacking(manifest, arch, mode) })),
  );

export async function list(context: Context, dir: string, { json }: { json?: boolean }): Promise<number> {
  const manifest = await (await bundlesOf(context)).manifest(resolve(context.io.cwd, dir));
  if (json === true) printJson(context.io, manifest);
  else printData(context.io, renderArtifacts(manifest, context.style));
  return 0;
}
