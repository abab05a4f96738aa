import { readFile } from 'node:fs/promises';
import ssh2, {
  type BaseAgent,
  type ParsedKey,
  type PublicKeyEntry,
  type SignCallback,
  type SigningRequestOptions,
} from 'ssh2';
import { messageOf } from '../../../contract/caught.js';

const AGENT_TIMEOUT_MS = 10_000;

/** Keys that an SSH agent holds. */
export interface Agent {
  keys: readonly ParsedKey[];
  /** For ssh2: of these keys only. */
  offering(keys: readonly ParsedKey[]): BaseAgent;
}

/** undefined: there is no agent, or it does not respond; `failed` is told why. */
export async function openAgent(socket: string | undefined, failed: (why: string) => void): Promise<Agent | undefined> {
  if (socket === undefined || socket === '') return undefined;
  const agent = ssh2.createAgent(socket);
  try {
    const keys = await keysOf(agent);
    return { keys, offering: (some) => new SomeKeys(agent, some) };
  } catch (error) {
    failed(messageOf(error));
    return undefined;
  }
}

const keysOf = (agent: BaseAgent): Promise<ParsedKey[]> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`no response within ${AGENT_TIMEOUT_MS / 1000} s`)),
      AGENT_TIMEOUT_MS,
    );
    agent.getIdentities((error, keys = []) => {
      clearTimeout(timer);
      if (error instanceof Error) reject(error);
      else resolve(keys.flatMap(parsedKey));
    });
  });

function parsedKey(key: string | Buffer | ParsedKey | PublicKeyEntry): ParsedKey[] {
  if (typeof key !== 'string' && !Buffer.isBuffer(key)) return 'pubKey' in key ? [] : [key];
  const parsed = ssh2.utils.parseKey(key);
  return 'message' in parsed ? [] : [parsed];
}

/** The public part of a key file: beside it, or the file itself. */
export async function publicKeyOf(path: string): Promise<Buffer | undefined> {
  for (const file of [`${path}.pub`, path]) {
    const text = await readFile(file, 'utf8').catch(() => '');
    const [type = '', blob = ''] = text.trim().split(/\s+/);
    if (/^(?:ssh-|ecdsa-|sk-)/.test(type)) return Buffer.from(blob, 'base64');
  }
  return undefined;
}

class SomeKeys extends ssh2.BaseAgent<ParsedKey> {
  readonly #agent: BaseAgent;
  readonly #keys: ParsedKey[];

  constructor(agent: BaseAgent, keys: readonly ParsedKey[]) {
    super();
    this.#agent = agent;
    this.#keys = [...keys];
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
    if (typeof options === 'function') this.#agent.sign(key, data, options);
    else this.#agent.sign(key, data, options, done);
  }
}
