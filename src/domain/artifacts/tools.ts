import { TOOLS_DIRECTORY } from '../hosts/paths.js';

export type ArchiveFormat = 'tar.gz' | 'zip';

/** A program in an archive of its publisher. The checksum of the archive is known here, and with it the program. */
export interface ArchivedProgram {
  name: string;
  version: string;
  url: string;
  /** Of the archive. */
  sha256: string;
  format: ArchiveFormat;
  /** Its path in the archive. */
  member: string;
}

export interface ArchivedDownload extends ArchivedProgram {
  kind: 'cli';
  path: string;
  mode: string;
}

/** No program of ours is as large; an archive that unpacks to more is not what it says. */
export const MAX_PROGRAM_MB = 256;

interface Release {
  name: string;
  version: string;
  place: string;
  format: ArchiveFormat;
  /** Below the place. */
  file: (arch: string) => string;
  member: (arch: string) => string;
  sha256: Readonly<Record<string, string>>;
}

/** Checksums of helm are those of its release notes; those of natscli and step are what public package recipes agree on. */
const RELEASES: readonly Release[] = [
  {
    name: 'helm',
    version: 'v4.2.4',
    place: 'https://get.helm.sh',
    format: 'tar.gz',
    file: (arch) => `helm-v4.2.4-linux-${arch}.tar.gz`,
    member: (arch) => `linux-${arch}/helm`,
    sha256: {
      amd64: 'c306b46f719b0a4da32d0f78ee21bf90ce8d602f15b22ab753f0674d1670a7f3',
      arm64: '564de2191b881e9f71b5606b25345821ea1682f06ab90499d3ab22b530176da1',
    },
  },
  {
    name: 'nats',
    version: 'v0.4.0',
    place: 'https://github.com',
    format: 'zip',
    file: (arch) => `nats-io/natscli/releases/download/v0.4.0/nats-0.4.0-linux-${arch}.zip`,
    member: (arch) => `nats-0.4.0-linux-${arch}/nats`,
    sha256: {
      amd64: '8dbd437c826b953dbd7432cf890ef22ba3c33dccc3dce5e71b3e8d055427849c',
      arm64: '9ce0c8a6653cd697d0b32687fcb53b59c13a2ad7a6ade7af8ad8a1c0f7357a87',
    },
  },
  {
    name: 'step',
    version: 'v0.30.6',
    place: 'https://github.com',
    format: 'tar.gz',
    file: (arch) => `smallstep/cli/releases/download/v0.30.6/step_linux_0.30.6_${arch}.tar.gz`,
    member: () => 'step_0.30.6/bin/step',
    sha256: {
      amd64: 'e44a5dc5f880a694b24a0f2941a69a81b0bc6ee053170fdfde18453d4d5816de',
      arm64: 'eff511c3e6797039702e74fada62b10b079e413742f925703e5b7d810e611619',
    },
  },
];

/** Command-line tools that hosts get without a bundle; kubectl comes with K3s. */
export const TOOL_NAMES: readonly string[] = ['linkerd', ...RELEASES.map(({ name }) => name)].sort();

/** @param mirror has the archives under one origin, with the paths that they have at their publishers */
export const archivedTools = (arch: string, mirror?: string): ArchivedProgram[] =>
  RELEASES.flatMap(({ name, version, place, format, file, member, sha256 }) => {
    const checksum = sha256[arch];
    const url = `${(mirror ?? place).replace(/\/+$/, '')}/${file(arch)}`;
    return checksum === undefined ? [] : [{ name, version, url, sha256: checksum, format, member: member(arch) }];
  });

export const toolDownloads = (arch: string, mirror?: string): ArchivedDownload[] =>
  archivedTools(arch, mirror).map((tool) => ({
    ...tool,
    kind: 'cli',
    path: `${TOOLS_DIRECTORY}/${tool.name}`,
    mode: '0755',
  }));
