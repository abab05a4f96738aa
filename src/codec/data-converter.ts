import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import { HistoryKeys } from './history-keys.js';
import { SealedPayloads } from './sealed-payloads.js';

/** Of a client: it reads failures in either form, and makes none. */
export async function clientDataConverter(stateDir: string): Promise<DataConverter> {
  return { payloadCodecs: [new SealedPayloads(await HistoryKeys.open(stateDir))] };
}

/** Of a worker: the messages of failures are encrypted too. */
export async function workerDataConverter(stateDir: string): Promise<DataConverter> {
  return { ...(await clientDataConverter(stateDir)), failureConverterPath: FAILURE_CONVERTER };
}

/** A client of a worker has to have the key that it uses. */
export const currentKeyId = async (stateDir: string): Promise<string> => (await HistoryKeys.open(stateDir)).current.id;

/** The bundle of the workflows has it inside. */
export const FAILURE_CONVERTER = fileURLToPath(new URL('./failure-converter.js', import.meta.url));
