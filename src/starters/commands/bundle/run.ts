import { resolve } from 'node:path';
import { bundleParts } from '../../../domain/artifacts/bundle-contents.js';
import type { Arch, Artifact, BundleManifest } from '../../../domain/artifacts/bundle-manifest.js';
import { archesOf, missingParts } from '../../../domain/artifacts/bundle-needs.js';
import type { BuildProgress } from '../../../adapters/releases/bundle-builder.js';
import type { DirectoryBundles } from '../../../adapters/bundle/directory-bundles.js';
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

const bundlesOf = async ({ settings }: Context): Promise<DirectoryBundles> =>
  new (await import('../../../adapters/bundle/directory-bundles.js')).DirectoryBundles(settings.cacheDir);

export async function build(context: Context, { out, ...wanted }: BuildArguments): Promise<number> {
  const { io } = context;
  const directory = resolve(io.cwd, out);
  const bundles = await bundlesOf(context);
  const { cameFromArchive } = await import('../../../adapters/releases/unpacked.js');
  const there = await present(bundles, directory);
  const isTheirs = ({ file }: Pick<Artifact, 'file'>): boolean =>
    there.some((artifact) => artifact.file === file) && !cameFromArchive(directory, file);
  // A tool that was added by hand stays.
  const parts = bundleParts(wanted).filter(({ from, artifact }) => from !== 'archive' || !isTheirs(artifact));
  const made = new Set(parts.map(({ artifact }) => artifact.file));
  const others = there.filter(({ file }) => !made.has(file));
  refuseMixture(directory, wanted.arch, others);
  const setup = new Setup(context);
  try {
    await interruptible(io, async (signal) => {
      const { buildBundle } = await import('../../../adapters/releases/bundle-builder.js');
      const report = progressOn(setup);
      await buildBundle({ directory, name: `leafspan-${wanted.arch}`, parts, others, env: io.env, signal, report });
      await bundles.verify(directory, signal); // with what was there before
    });
  } catch (error) {
    setup.settle();
    if (error instanceof Interrupted) say(io, 'stopped; run the same command to continue');
    throw error;
  }
  setup.settle();
  say(io, `✔ the bundle is complete; name it in a topology: artifacts: { bundle: ${directory} }`);
  return 0;
}

/** The artifacts of a bundle that is in the directory already. A broken one is made again. */
const present = (bundles: DirectoryBundles, directory: string): Promise<Artifact[]> =>
  bundles.manifest(directory).then(
    ({ artifacts }) => artifacts,
    () => [],
  );

function refuseMixture(directory: string, arch: Arch, others: readonly Artifact[]): void {
  const other = others.find((artifact) => artifact.arch !== 'any' && artifact.arch !== arch);
  if (other !== undefined)
    throw usage(`${directory} has a bundle for ${other.arch}`, 'use one directory for each architecture');
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
  const directory = resolve(io.cwd, dir);
  const bundles = await bundlesOf(context);
  const { manifest, problems } = await interruptible(io, (signal) => bundles.inspect(directory, signal));
  const inspection: Inspection = {
    directory,
    ...(manifest === undefined ? {} : { name: manifest.name, artifacts: manifest.artifacts.length }),
    problems,
    missing: manifest === undefined ? [] : missingIn(manifest),
  };
  if (json === true) printJson(io, inspection);
  else printData(io, renderInspection(inspection, style));
  if (problems.length === 0) return 0;
  const hint = 'replace the named files; to complete a bundle that bundle build made, run it again';
  say(io, renderError({ code: 'BUNDLE_INVALID', message: `${directory} is not a complete bundle`, hint }, style));
  return 1;
}

const missingIn = (manifest: BundleManifest): Inspection['missing'] =>
  archesOf(manifest).flatMap((arch) =>
    (['direct', 'mesh', 'nginx'] as const).map((mode) => ({ mode, arch, parts: missingParts(manifest, arch, mode) })),
  );

export async function list(context: Context, dir: string, { json }: { json?: boolean }): Promise<number> {
  const manifest = await (await bundlesOf(context)).manifest(resolve(context.io.cwd, dir));
  if (json === true) printJson(context.io, manifest);
  else printData(context.io, renderArtifacts(manifest, context.style));
  return 0;
}
