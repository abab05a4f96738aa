import { readFile } from 'node:fs/promises';
import ssh2, { type BaseAgent, type ParsedKey, type SignCallback, type SigningRequestOptions } from 'ssh2';
import { errorOf, messageOf } from '../../../contract/caught.js';
import { agentKeys, agentSignature } from './agent-socket.js';
import { foreignOf, isForeign, standInFor, typeOf } from './foreign-keys.js';

const AGENT_TIMEOUT_MS = 10_000;
/** A person may have to confirm a signature, or to touch a token. */
const SIGNATURE_TIMEOUT_MS = 35_000;
/** Asks for a signature of RSA by SHA-512. */
const RSA_SHA2_512 = 4;

/** Keys that an SSH agent holds. */
export interface Agent {
  keys: readonly ParsedKey[];
  /** For ssh2: of these keys only. */
  offering(keys: readonly ParsedKey[]): BaseAgent;
}

/** undefined: there is no agent, or it does not respond; `failed` is told why. */
export async function openAgent(socket: string | undefined, failed: (why: string) => void): Promise<Agent | undefined> {
  if (socket === undefined || socket === '') return undefined;
  try {
    const blobs = await agentKeys(socket, AbortSignal.timeout(AGENT_TIMEOUT_MS));
    const keys = blobs.flatMap((blob) => keyOf(socket, blob));
    return { keys, offering: (some) => new OfferedKeys(some, ssh2.createAgent(socket)) };
  } catch (error) {
    failed(messageOf(error));
    return undefined;
  }
}

function keyOf(socket: string, blob: Buffer): ParsedKey[] {
  if (isForeign(blob)) {
    const flags = typeOf(blob).startsWith('ssh-rsa') ? RSA_SHA2_512 : 0;
    const sign = (data: Buffer): Promise<Buffer> =>
      agentSignature(socket, { key: blob, data, flags }, AbortSignal.timeout(SIGNATURE_TIMEOUT_MS));
    return [standInFor({ blob, sign })];
  }
  const parsed = ssh2.utils.parseKey(blob);
  return 'message' in parsed ? [] : [parsed];
}

/** The public part of a key file, or a certificate: beside it, or the file itself. */
export async function publicKeyOf(...paths: readonly string[]): Promise<Buffer | undefined> {
  for (const path of paths) {
    const text = await readFile(path, 'utf8').catch(() => '');
    const [type = '', blob = ''] = text.trim().split(/\s+/);
    if (/^(?:ssh-|ecdsa-|sk-)/.test(type)) return Buffer.from(blob, 'base64');
  }
  return undefined;
}

/** Keys as ssh2 asks an agent for them. @param agent signs with those that ssh2 knows */
export class OfferedKeys extends ssh2.BaseAgent<ParsedKey> {
  readonly #keys: ParsedKey[];
  readonly #agent: BaseAgent | undefined;

  constructor(keys: readonly ParsedKey[], agent?: BaseAgent) {
    super();
    this.#keys = [...keys];
    this.#agent = agent;
  }

  override getIdentities(done: (error: undefined, keys: ParsedKey[]) => void): void {
    done(undefined, this.#keys);
  }

  override sign(
    key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    done?: SignCallback,
  ): void {
    const [settings, reply] = typeof options === 'function' ? [{}, options] : [options, done];
    const foreign = foreignOf(key);
    if (foreign === undefined) this.#agent?.sign(key, data, settings, reply);
    else
      foreign.sign(data).then(
        (signature) => reply?.(undefined, signature),
        (error: unknown) => reply?.(errorOf(error)),
      );
  }
}
