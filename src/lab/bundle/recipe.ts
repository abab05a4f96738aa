import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Go modules and the install script, beside src and dist. */
export const RECIPE_DIRECTORY = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', 'lab', 'bundle');

export const BUNDLE_NAME = 'lab';
export const GO_MINIMUM = '1.26';

/** What is built. The Go modules' own go.mod files pin the same versions; a test holds the two together. */
export const VERSIONS = {
  k3s: 'v1.36.3+k3s1',
  kubernetes: 'v1.36.3',
  coredns: 'v1.14.2',
  helm: 'v4.2.4',
  natsServer: 'v2.15.2',
  natsCli: 'v0.5.0',
  natsBox: '0.19.7',
  pause: '3.6',
  gatewayApi: 'v1.5.1',
} as const;

/** Commands that only say their version: building the real ones takes minutes, and nothing in a system of the lab needs them. */
export const DOUBLES = ['linkerd', 'step'] as const;

/** The checksum database's word on the module that the CRDs come from. */
export const GATEWAY_API_SUM = 'h1:RqVRIlkhLhUO8wOHKTLnTJA6o/1un4po4/6M1nRzdd0=';

/** References as containerd knows them after the import. */
export const IMAGES = {
  pause: `docker.io/rancher/mirrored-pause:${VERSIONS.pause}`,
  coredns: `docker.io/rancher/mirrored-coredns-coredns:${VERSIONS.coredns.slice(1)}`,
  nats: `docker.io/library/nats:${VERSIONS.natsServer.slice(1)}-alpine`,
  natsBox: `docker.io/natsio/nats-box:${VERSIONS.natsBox}`,
} as const;

/** Debian's packages, and what of them is used. */
export const DEBIAN_FILES = {
  containerd: ['usr/bin/containerd', 'usr/bin/containerd-shim-runc-v2', 'usr/bin/ctr'],
  runc: ['usr/sbin/runc'],
  'containernetworking-plugins': ['bridge', 'host-local', 'loopback', 'portmap'].map(
    (plugin) => `usr/lib/cni/${plugin}`,
  ),
  ipset: ['usr/sbin/ipset'],
  libipset13: ['usr/lib/x86_64-linux-gnu/libipset.so.13'],
  'busybox-static': ['bin/busybox'],
  'ca-certificates': ['usr/share/ca-certificates/mozilla'],
} as const;
