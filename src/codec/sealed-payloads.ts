import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { ProvisionError } from '../contract/errors.js';
import type { HistoryKey, HistoryKeys } from './history-keys.js';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ENCODING = Buffer.from('binary/encrypted');
const CIPHER_NAME = Buffer.from('AES-256-GCM');

/** Plans and statuses are JSON that repeats itself: a tenth of it is kept. Below this size nothing is gained. */
const COMPRESSED_FROM_BYTES = 512;
/** Fast, and with little memory of its own: a rollout has hundreds in progress. */
const DEFLATE = { level: 1, windowBits: 13, memLevel: 6 } as const;
/** What a server sends is never larger; what claims to be is not ours. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Payloads as a Temporal server sees them: names of workflows and activities stay readable, and everything that they take
 * and return does not. What is not encrypted is taken as it is: runs that began before continue, and the Web UI may signal.
 */
export class SealedPayloads implements PayloadCodec {
  readonly #keys: HistoryKeys;

  constructor(keys: HistoryKeys) {
    this.#keys = keys;
  }

  encode(payloads: Payload[]): Promise<Payload[]> {
    const key = this.#keys.current;
    return Promise.resolve(payloads.map((payload) => seal(payload, key)));
  }

  /** @throws ProvisionError HISTORY_KEY_MISSING */
  decode(payloads: Payload[]): Promise<Payload[]> {
    return Promise.all(payloads.map((payload) => this.#open(payload)));
  }

  async #open(payload: Payload): Promise<Payload> {
    if (!isSealed(payload)) return payload;
    const id = textOf(payload.metadata?.['encryption-key-id']);
    return open(payload, await this.#keys.byId(id));
  }
}

export const isSealed = ({ metadata }: Payload): boolean => textOf(metadata?.['encoding']) === ENCODING.toString();

const textOf = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString();

function seal(payload: Payload, { id, secret }: HistoryKey): Payload {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, secret, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(id));
  const sealed = Buffer.concat([cipher.update(packed(payload)), cipher.final()]);
  return {
    metadata: { encoding: ENCODING, 'encryption-cipher': CIPHER_NAME, 'encryption-key-id': Buffer.from(id) },
    data: Buffer.concat([nonce, cipher.getAuthTag(), sealed]),
  };
}

function open({ data }: Payload, { id, secret }: HistoryKey): Payload {
  const bytes = Buffer.from(data ?? []);
  const [nonce, tag, sealed] = [
    bytes.subarray(0, NONCE_BYTES),
    bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES),
    bytes.subarray(NONCE_BYTES + TAG_BYTES),
  ];
  try {
    const decipher = createDecipheriv(CIPHER, secret, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(id));
    decipher.setAuthTag(tag);
    return unpacked(Buffer.concat([decipher.update(sealed), decipher.final()]));
  } catch {
    throw new ProvisionError(
      'HISTORY_KEY_MISSING',
      `a run's history cannot be decrypted with the key ${id}: the key is another one, or the history was changed`,
      'restore the file history-keys of the state directory from a backup',
    );
  }
}

const PLAIN = 0;
const COMPRESSED = 1;
const HEAD_BYTES = 5;

/** One byte for the form, four for the length of the metadata, the metadata as JSON, the data. */
function packed({ metadata, data }: Payload): Buffer {
  const names = Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString('base64')]);
  const meta = Buffer.from(JSON.stringify(names));
  const body = Buffer.from(data ?? []);
  const compressed = body.length >= COMPRESSED_FROM_BYTES;
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt8(compressed ? COMPRESSED : PLAIN, 0);
  head.writeUInt32BE(meta.length, 1);
  return Buffer.concat([head, meta, compressed ? deflateRawSync(body, DEFLATE) : body]);
}

function unpacked(bytes: Buffer): Payload {
  const end = HEAD_BYTES + bytes.readUInt32BE(1);
  const names = JSON.parse(bytes.subarray(HEAD_BYTES, end).toString()) as [string, string][];
  const body = bytes.subarray(end);
  return {
    metadata: Object.fromEntries(names.map(([name, value]) => [name, Buffer.from(value, 'base64')])),
    data: bytes.readUInt8(0) === COMPRESSED ? inflateRawSync(body, { maxOutputLength: MAX_BYTES }) : body,
  };
}
