import { StringDecoder } from 'node:string_decoder';

/** Keeps the whole text up to a limit of bytes. */
export class WholeOutput {
  readonly #decoder = new StringDecoder('utf8');
  readonly #parts: string[] = [];
  readonly #limit: number;
  #bytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** False: the limit is passed, and the chunk was dropped. */
  add(chunk: Buffer): boolean {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#limit) return false;
    this.#parts.push(this.#decoder.write(chunk));
    return true;
  }

  text(): string {
    return this.#parts.join('');
  }
}

/** Keeps the last bytes of a stream. */
export class OutputTail {
  #kept = Buffer.alloc(0);
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(chunk: Buffer): void {
    const all = Buffer.concat([this.#kept, chunk]);
    this.#kept = all.length > this.#limit ? all.subarray(all.length - this.#limit) : all;
  }

  text(): string {
    return this.#kept.toString('utf8');
  }
}
