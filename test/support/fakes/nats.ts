import type { NatsAccess, NatsConnection, NatsIdentity, NatsTarget } from '../../../src/parts/ports.js';

/** A NATS server that knows the names of the certificates that it lets in. Messages cross at once. */
export class FakeNats implements NatsAccess {
  readonly #letIn: (certificate: string | undefined) => Error | undefined;
  readonly identities: (NatsIdentity | { ca: string })[] = [];
  readonly messages: { subject: string; text: string; reply?: string }[] = [];
  readonly listeners: { subject: string; onText: (text: string) => void }[] = [];
  open = 0;
  /** What the server has told a client that it may not do. */
  told = ['publish test.messages'];
  /** What comes back from a port that is spoken to without TLS. */
  greeting = 'INFO {"tls_required":true}\r\n';

  /** @param letIn the error that a client with this certificate gets; undefined lets it in */
  constructor(letIn: (certificate: string | undefined) => Error | undefined) {
    this.#letIn = letIn;
  }

  connect(_target: NatsTarget, identity: NatsIdentity | { ca: string }): Promise<NatsConnection> {
    this.identities.push(identity);
    const refusal = this.#letIn('certificate' in identity ? identity.certificate : undefined);
    if (refusal !== undefined) return Promise.reject(refusal);
    this.open += 1;
    const { messages } = this;
    return Promise.resolve({
      waitFor: async (subject, matches) => {
        for (let turns = 0; turns < 100; turns += 1) {
          const found = messages.find((message) => message.subject === subject && matches(message.text));
          if (found !== undefined) return found.text;
          await new Promise((resolve) => setImmediate(resolve));
        }
        return undefined;
      },
      publish: (subject, text, reply) =>
        void messages.push({ subject, text, ...(reply === undefined ? {} : { reply }) }),
      listen: (subject, onText) => void this.listeners.push({ subject, onText }),
      probe: (subject, text) => {
        for (const one of this.listeners) if (one.subject === subject) one.onText(text);
      },
      request: (subject) => Promise.reject(new Error(`unscripted request on ${subject}`)),
      streams: () => Promise.reject(new Error('unscripted streams')),
      flush: () => Promise.resolve(),
      violations: () => this.told,
      close: () => {
        this.open -= 1;
        return Promise.resolve();
      },
    });
  }

  plaintext(): Promise<string> {
    return Promise.resolve(this.greeting);
  }

  /** What the servers show, in PEM; a test that needs it says so. */
  shows: string | undefined;

  served(port: number): Promise<string> {
    return this.shows === undefined
      ? Promise.reject(new Error(`unscripted certificate of port ${port}`))
      : Promise.resolve(this.shows);
  }

  /** The status of its monitoring; undefined: it does not respond. */
  monitorStatus: number | undefined = 200;

  monitor(): Promise<number> {
    return this.monitorStatus === undefined
      ? Promise.reject(new Error('the operation was aborted'))
      : Promise.resolve(this.monitorStatus);
  }

  /** What the broker says to somebody who asks for a leaf link. */
  leafAnswer = "INFO {}\r\n-ERR 'Authorization Violation'\r\n";

  leafLink(): Promise<string> {
    return Promise.resolve(this.leafAnswer);
  }
}
