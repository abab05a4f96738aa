import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { clientDataConverter } from '../../../src/codec/data-converter.js';
import { HistoryKeys } from '../../../src/codec/history-keys.js';
import { isSealed, SealedPayloads } from '../../../src/codec/sealed-payloads.js';

/** What a private key, an admin kubeconfig or a K3s token looks like, in clear or in base64. */
const SECRETS: readonly [what: string, pattern: RegExp][] = [
  ['a PEM private key', /-----BEGIN [A-Z ]*PRIVATE KEY/],
  ['a PEM private key in base64', /LS0tLS1CRUdJTiB(QUklWQVRFIEtFWS|FQyBQUklWQVRF|SU0EgUFJJVkFUR)/],
  ['a kubeconfig', /client-key-data|certificate-authority-data/],
  ['a K3s token', /K10[0-9a-f]{64}::/],
  ['an age identity', /AGE-SECRET-KEY-1/],
  ["a ServiceAccount's token", /eyJhbGciOi[\w-]*\.eyJ|ZXlKaGJHY2lPaU/],
];

export const secretsIn = (text: string): string[] =>
  SECRETS.filter(([, pattern]) => pattern.test(text)).map(([what]) => what);

/** What the server keeps of every workflow, failures and heartbeats included. */
interface Kept {
  /** As the server has it, bytes as text. */
  sealed: string[];
  /** Decrypted. */
  texts: string[];
}

/** @param stateDir whose key decrypts */
export async function everyHistory(address: string, stateDir: string): Promise<Kept> {
  const connection = await Connection.connect({ address });
  try {
    const client = new Client({ connection, dataConverter: await clientDataConverter(stateDir) });
    const codec = new SealedPayloads(await HistoryKeys.open(stateDir));
    const kept: Kept = { sealed: [], texts: [] };
    for await (const { workflowId, runId } of client.workflow.list()) {
      const handle = client.workflow.getHandle(workflowId, runId);
      for (const seen of [await handle.fetchHistory(), (await handle.describe()).raw]) {
        kept.sealed.push(textOf(seen));
        kept.texts.push(textOf(await openedIn(seen, codec)));
      }
    }
    return kept;
  } finally {
    await connection.close();
  }
}

/** The value with every payload in it decrypted. */
async function openedIn(value: unknown, codec: PayloadCodec): Promise<unknown> {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (isPayload(value) && isSealed(value)) return (await codec.decode([value]))[0];
  const fields = Object.entries(value).map(async ([name, item]) => [name, await openedIn(item, codec)] as const);
  return Object.fromEntries(await Promise.all(fields));
}

const isPayload = (value: object): value is Payload => 'metadata' in value && 'data' in value;

/** Walks on its own: a message of the SDK turns itself into JSON with its payloads in base64. */
function textOf(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([name, item]) => `${name}: ${textOf(item)}`)
    .join('\n');
}

/** Collects the command lines of all processes, those in the lab's hosts included, until it is stopped. */
export function watchCommandLines(): () => Set<string> {
  const seen = new Set<string>();
  const timer = setInterval(() => {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
      try {
        seen.add(readFileSync(join('/proc', pid, 'cmdline'), 'utf8'));
      } catch {
        continue; // it has ended
      }
  }, 100);
  return () => {
    clearInterval(timer);
    return seen;
  };
}
