import type { Artifact, BundleManifest } from '../../../domain/artifacts/bundle-manifest.js';
import { bytes } from '../../terminal/bytes.js';
import type { Style } from '../../terminal/style.js';
import { renderTable } from '../../terminal/table.js';

const HEAD = ['NAME', 'KIND', 'VERSION', 'ARCH', 'SIZE', 'IMAGES'];

/** A row for each artifact; its other images are below the first. */
export function renderArtifacts({ artifacts }: BundleManifest, style: Style): string {
  const rows = artifacts.flatMap((artifact) => {
    const [first = '', ...further] = imagesOf(artifact);
    const { name, kind, version, arch, size } = artifact;
    return [[name, kind, version, arch, bytes(size), first], ...further.map((image) => ['', '', '', '', '', image])];
  });
  return renderTable(HEAD, rows, style);
}

const imagesOf = (artifact: Artifact): string[] => (artifact.kind === 'images' ? artifact.images : []);

const PURPOSES = { direct: 'link mode direct', mesh: 'link mode mesh', nginx: 'edge nginx' } as const;

/** What `bundle verify` found. */
export interface Inspection {
  directory: string;
  /** Every problem. */
  problems: string[];
  /** What hosts without internet access would miss, by link mode or edge, and architecture. */
  missing: { mode: keyof typeof PURPOSES; arch: string; parts: string[] }[];
  name?: string;
  artifacts?: number;
}

export function renderInspection(
  { directory, name, artifacts = 0, problems, missing }: Inspection,
  style: Style,
): string {
  const lines =
    problems.length > 0
      ? problems.map((problem) => `${style.red('✖')} ${problem}`)
      : [`${style.green('✔')} bundle "${name ?? ''}" in ${directory}: ${artifacts} artifacts, all match the manifest`];
  const notes = missing.flatMap(({ mode, arch, parts }) =>
    parts.length === 0
      ? [`${style.blue('i')} ${arch}: everything for ${PURPOSES[mode]} is there`]
      : [
          `${style.blue('i')} ${arch}: missing for ${PURPOSES[mode]} on hosts without internet access:`,
          ...parts.map((part) => `    ${part}`),
        ],
  );
  return [...lines, ...notes].join('\n');
}
