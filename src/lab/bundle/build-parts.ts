import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { joinManifests } from '../../domain/artifacts/bundle-contents.js';
import { mustRun } from '../machine/run-command.js';
import { certificateBundle, fetchDebianFiles } from './debian-packages.js';
import type { GoToolchain } from './go-toolchain.js';
import { packK3s } from './k3s-executable.js';
import { natsBoxImages, natsImages, systemImages, type ImageBinaries } from './images/contents.js';
import { writeTarball } from './images/tarball.js';
import type { PartStore } from './part-store.js';
import type { BundlePlan } from './parts.js';
import { GATEWAY_API_SUM, IMAGES, RECIPE_DIRECTORY, VERSIONS } from './recipe.js';

export interface PartDirectories {
  kubernetes: string;
  addons: string;
  nats: string;
  gatewayApi: string;
  images: string;
}

/** Short things first: what fails should fail before ten minutes of compiling, not after. */
export async function buildParts(
  plan: BundlePlan,
  store: PartStore,
  go: GoToolchain,
  signal?: AbortSignal,
): Promise<PartDirectories> {
  const { parts } = plan;
  const debian = await store.ensure(parts.debian, (directory) => fetchDebianFiles(directory, signal));
  const gatewayApi = await store.ensure(parts['gateway-api'], (directory) => collectGatewayApi(directory, go));
  const nats = await store.ensure(parts.nats, (directory) => buildNats(directory, go));
  const addons = await store.ensure(parts.addons, (directory) =>
    go.build(join(RECIPE_DIRECTORY, 'addons'), `${directory}/`, ['./coredns', 'helm.sh/helm/v4/cmd/helm'], {
      'helm.sh/helm/v4/internal/version.version': VERSIONS.helm,
    }),
  );
  const kubernetes = await store.ensure(parts.kubernetes, (directory) =>
    buildKubernetes(directory, plan, debian, go, signal),
  );
  const images = await store.ensure(parts.images, async (directory) => {
    const listed = await mustRun(join(debian, 'busybox'), ['--list'], { signal });
    await packImages(directory, { kubernetes, addons, nats, debian }, listed.trim().split('\n'));
  });
  return { kubernetes, addons, nats, gatewayApi, images };
}

export const buildNats = (directory: string, go: GoToolchain): Promise<void> =>
  go.build(join(RECIPE_DIRECTORY, 'nats'), `${directory}/`, [
    'github.com/nats-io/nats-server/v2',
    'github.com/nats-io/natscli/nats',
  ]);

async function buildKubernetes(
  directory: string,
  plan: BundlePlan,
  debian: string,
  go: GoToolchain,
  signal?: AbortSignal,
): Promise<void> {
  const [major = '', minor = ''] = VERSIONS.kubernetes.slice(1).split('.');
  const stamped = (gitVersion: string) => ({
    'k8s.io/component-base/version.gitVersion': gitVersion,
    'k8s.io/component-base/version.gitMajor': major,
    'k8s.io/component-base/version.gitMinor': minor,
    'k8s.io/component-base/version.gitTreeState': 'clean',
  });
  const program = { 'main.version': VERSIONS.k3s, 'main.commit': plan.parts.kubernetes.key.slice(0, 8) };
  await go.build(RECIPE_DIRECTORY, `${directory}/programs/bin/`, ['./cmd/k3s'], {
    ...stamped(VERSIONS.k3s),
    ...program,
    'main.coreDNSImage': IMAGES.coredns,
    'main.pauseImage': IMAGES.pause,
  });
  await go.build(RECIPE_DIRECTORY, `${directory}/`, ['./cmd/launcher', './cmd/pause', './cmd/payload'], program);
  await go.build(RECIPE_DIRECTORY, `${directory}/`, ['k8s.io/kubernetes/cmd/kubectl'], stamped(VERSIONS.kubernetes));
  await packK3s(directory, debian, signal);
}

async function collectGatewayApi(directory: string, go: GoToolchain): Promise<void> {
  const module = await go.moduleDirectory('sigs.k8s.io/gateway-api', VERSIONS.gatewayApi, GATEWAY_API_SUM);
  const standard = join(module, 'config', 'crd', 'standard');
  const documents = readdirSync(standard)
    .filter((name) => name.endsWith('.yaml'))
    .sort();
  const texts = documents.map((name) => readFileSync(join(standard, name), 'utf8'));
  writeFileSync(join(directory, 'gateway-api.yaml'), joinManifests(texts));
}

async function packImages(
  directory: string,
  from: { kubernetes: string; addons: string; nats: string; debian: string },
  applets: string[],
): Promise<void> {
  const binaries: ImageBinaries = {
    pause: readFileSync(join(from.kubernetes, 'pause')),
    coredns: readFileSync(join(from.addons, 'coredns')),
    natsServer: readFileSync(join(from.nats, 'nats-server')),
    natsCli: readFileSync(join(from.nats, 'nats')),
    busybox: readFileSync(join(from.debian, 'busybox')),
    applets,
    certificates: certificateBundle(from.debian),
  };
  await writeTarball(join(directory, 'k3s-images.tar'), systemImages(binaries));
  await writeTarball(join(directory, 'nats.tar'), natsImages(binaries));
  await writeTarball(join(directory, 'nats-box.tar'), natsBoxImages(binaries));
}
