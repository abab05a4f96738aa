import type { Client, ConnectionOptions } from '@temporalio/client';
import { clientDataConverter } from '../../codec/data-converter.js';
import { ProvisionError } from '../../contract/errors.js';
import type { Context } from '../context.js';
import { commandLine } from '../invocation.js';
import { ensureEmbedded, findEmbedded } from './embedded.js';
import { channelArgsFor, proxyFor } from '../../local/proxy.js';
import { refuseUnknownNamespace } from './namespace.js';
import { portAnswers } from './processes.js';
import type { Settings } from '../settings.js';

/** Which Temporal server this command talks to. */
export interface Target {
  kind: 'embedded' | 'configured';
  address: string;
  namespace: string;
  connectionOptions: ConnectionOptions;
  /** Through which the server is reached. */
  proxy?: { variable: string; host: string };
  /** Of the embedded server: the address of its Web UI. */
  webUi?: string;
}

export interface Temporal extends Target {
  client: Client;
  close(): Promise<void>;
}

/** A server that does not take the connection within this time is reported. */
const PORT_TIMEOUT_MS = 2_500;
/** A server that takes it may still be slow on a busy machine. */
const CONNECT_TIMEOUT_MS = 15_000;
const DEFAULT_NAMESPACE = 'default';

/** The server of TEMPORAL_* or a profile; else the embedded one, started when it does not run. */
export async function locateTemporal({ io, settings }: Context, note: (text: string) => void): Promise<Target> {
  const configured = await configuredTarget(io.env);
  if (configured !== undefined) return configured;
  return embeddedTarget(await ensureEmbedded(settings, note));
}

/** The same, while it runs: none is started. */
export async function runningTemporal({ io, settings }: Context): Promise<Target | undefined> {
  const configured = await configuredTarget(io.env);
  if (configured !== undefined) return configured;
  const found = await findEmbedded(settings);
  return found && embeddedTarget(found);
}

const embeddedTarget = ({ port, uiPort }: { port: number; uiPort: number }): Target => ({
  kind: 'embedded',
  address: `127.0.0.1:${port}`,
  namespace: DEFAULT_NAMESPACE,
  connectionOptions: { address: `127.0.0.1:${port}` },
  webUi: `http://127.0.0.1:${uiPort}`,
});

async function configuredTarget(env: NodeJS.ProcessEnv): Promise<Target | undefined> {
  const { loadClientConnectConfig } = await import('@temporalio/envconfig');
  const { connectionOptions, namespace } = loadClientConnectConfig({
    overrideEnvVars: Object.fromEntries(
      Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
  });
  const named = connectionOptions.address ?? (namespace === undefined ? undefined : '127.0.0.1:7233');
  if (named === undefined) return undefined;
  const proxy = proxyFor(named, env);
  return {
    kind: 'configured',
    address: named,
    namespace: namespace ?? DEFAULT_NAMESPACE,
    connectionOptions: { ...connectionOptions, address: named },
    ...(proxy === undefined ? {} : { proxy }),
  };
}

/** @throws ProvisionError TEMPORAL_UNREACHABLE */
export async function connect(target: Target, { stateDir }: Pick<Settings, 'stateDir'>): Promise<Temporal> {
  const [host = target.address, port = '7233'] = target.address.split(/:(?=\d+$)/);
  // The client itself only says that a deadline was exceeded; a closed port is found at once, and by name. Where a proxy is
  // needed, the port need not respond to us.
  if (target.proxy === undefined && !(await portAnswers(host, Number(port), PORT_TIMEOUT_MS)))
    throw unreachable(target);
  const { Client, Connection } = await import('@temporalio/client');
  const connection = await Connection.connect({
    ...target.connectionOptions,
    channelArgs: { ...target.connectionOptions.channelArgs, ...channelArgsFor(target.address) },
    connectTimeout: CONNECT_TIMEOUT_MS,
  }).catch((error: unknown) => {
    throw unreachable(target, error);
  });
  const client = new Client({
    ...{ connection, namespace: target.namespace },
    dataConverter: await clientDataConverter(stateDir),
  });
  try {
    if (target.kind === 'configured') await refuseUnknownNamespace(client, target);
    return { ...target, client, close: () => connection.close() };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

function unreachable({ kind, address, proxy }: Target, error?: unknown): ProvisionError {
  const because = error instanceof Error ? `: ${error.message}` : '';
  const through = proxy === undefined ? '' : ` through the proxy ${proxy.host} of ${proxy.variable}`;
  return new ProvisionError(
    'TEMPORAL_UNREACHABLE',
    `no Temporal server responds at ${address}${through}${because}`,
    proxy !== undefined
      ? `add ${address.replace(/:\d+$/, '')} to no_proxy if the server is reached without the proxy`
      : kind === 'embedded'
        ? `stop what is left of it, then try again: ${commandLine('stop')}`
        : 'start it (docker compose up -d), correct TEMPORAL_ADDRESS or the profile, or unset both to use the embedded server',
  );
}

/** The page of a run in the Web UI, where its address is known. */
export function webUiOf({ webUi, namespace }: Target, workflowId: string): string | undefined {
  return webUi === undefined
    ? undefined
    : `${webUi}/namespaces/${namespace}/workflows/${encodeURIComponent(workflowId)}`;
}
