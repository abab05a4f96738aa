import { z } from 'zod';

/**
 * A bundle is a directory of artifacts with a `manifest.json`; this is the manifest's shape.
 * Files are named relative to the directory, sizes are bytes, checksums are lower-case hex SHA-256.
 */
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits');
const relativeFile = z
  .string()
  .min(1)
  .refine((file) => !file.startsWith('/') && !file.split('/').includes('..'), 'must stay inside the bundle directory')
  .regex(/^[\w.+@:=~/-]+$/, 'must be a path of letters, digits and . _ + @ : = ~ -');
/** Names end up in paths on hosts and in lists of them. */
const name = z.string().regex(/^\w[\w.+-]*$/, 'must be letters, digits and . _ + -, and start with a letter or digit');
const reference = z.string().regex(/^[\w./:@-]+$/, 'must be an image reference such as nats:2.15.2-alpine');

export const BUNDLE_API_VERSION = 'leafspan/bundle/v1';
export const BUNDLE_MANIFEST_FILE = 'manifest.json';

const artifactFields = {
  name,
  version: z.string().regex(/^[\w.+-]+$/, 'must be a version such as v1.36.3+k3s1'),
  arch: z.enum(['amd64', 'arm64', 'any']),
  file: relativeFile,
  sha256,
  size: z.number().int().positive(),
};

export const artifactSchema = z.discriminatedUnion('kind', [
  /** The K3s executable. `version` is what `k3s --version` prints, such as `v1.36.3+k3s1`. */
  z.strictObject({ kind: z.literal('k3s'), ...artifactFields }),
  /** K3s's install script, run as for an air gap. */
  z.strictObject({ kind: z.literal('k3s-install'), ...artifactFields }),
  /** An image tarball (`docker save` layout, .tar, .tar.gz or .tar.zst); `images` are the references in it. */
  z.strictObject({ kind: z.literal('images'), ...artifactFields, images: z.array(reference).min(1) }),
  /** A command-line tool for people, installed as /usr/local/bin/<name>. */
  z.strictObject({
    kind: z.literal('cli'),
    ...artifactFields,
    name: name.refine((tool) => tool !== 'k3s', 'is K3s itself'),
  }),
  /** Kubernetes manifests, such as the Gateway API CRDs. */
  z.strictObject({ kind: z.literal('manifests'), ...artifactFields }),
]);

export const bundleManifestSchema = z.strictObject({
  apiVersion: z.literal(BUNDLE_API_VERSION),
  name: z.string().min(1),
  artifacts: z.array(artifactSchema).min(1),
});

export type Artifact = z.infer<typeof artifactSchema>;
export type Arch = Exclude<Artifact['arch'], 'any'>;
/** What is known of an artifact before its file is there. */
export type DescribedArtifact = { [K in Artifact as K['kind']]: Omit<K, 'sha256' | 'size'> }[Artifact['kind']];
export type ArtifactKind = Artifact['kind'];
export type BundleManifest = z.infer<typeof bundleManifestSchema>;
