import { usage } from '../../failure.js';

/** How the clusters are linked, as `link.mode` says it. */
export const MODES = ['mesh', 'direct'] as const;

export interface InitOptions {
  name?: string;
  hub?: string;
  leaf?: string[];
  key?: string;
  mode: (typeof MODES)[number];
  out: string;
  /** Whether to connect to the hosts. */
  probe: boolean;
}

/** A host as it is written on the command line. */
export interface NamedHost {
  cluster: string;
  address: string;
  user?: string;
  port?: number;
}

const HOST = /^(?:(?<cluster>[^=@]+)=)?(?:(?<user>[^@]+)@)?(?<address>\[[^\]]+\]|[^:@]+)(?::(?<port>\d{1,5}))?$/;

/** @throws ProvisionError USAGE */
export function parseHost(text: string, cluster: string): NamedHost {
  const { groups } = HOST.exec(text) ?? {};
  const address = groups?.['address'];
  if (groups === undefined || address === undefined)
    throw usage(
      `"${text}" is not a host`,
      'write [<cluster>=][<user>@]<address>[:<port>], such as ubuntu@203.0.113.10',
    );
  const { user, port } = groups;
  return {
    cluster: groups['cluster'] ?? cluster,
    address: address.replace(/^\[|\]$/g, ''),
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port: Number(port) }),
  };
}

/** `cluster-a` for the hub, then `cluster-b` and so on; after 25 leaves by number. */
export const clusterName = (index: number): string =>
  `cluster-${'abcdefghijklmnopqrstuvwxyz'[index] ?? String(index + 1)}`;
