import { connect, Events, headers, type NatsConnection as Client, type Status, type TlsOptions } from 'nats';
import type {
  MonitorPage,
  NatsAccess,
  NatsConnection,
  NatsIdentity,
  NatsTarget,
  StreamStore,
} from '../../parts/ports.js';
import { offerLeafLink } from './leaf-link.js';
import { monitorStatus } from './monitor.js';
import { plaintext } from './plaintext.js';
import { servedCertificate } from './served-certificate.js';
import { openStreamStore } from './stream-store.js';

const CONNECT_TIMEOUT_MS = 5_000;
const DEFAULT_INBOX_PREFIX = '_INBOX';
const PROBE_HEADER = 'Leafspan-Probe';

/** NATS with mutual TLS, through a tunnel from a loopback port. */
export class NatsClientAccess implements NatsAccess {
  async connect(target: NatsTarget, identity: NatsIdentity | { ca: string }): Promise<NatsConnection> {
    const client = await connect({
      servers: `127.0.0.1:${target.port}`,
      name: 'leafspan',
      tls: tlsOf(target, identity),
      timeout: CONNECT_TIMEOUT_MS,
      reconnect: false,
      // Servers announce addresses of others, which the tunnel does not reach.
      ignoreClusterUpdates: true,
      inboxPrefix: target.inboxPrefix ?? DEFAULT_INBOX_PREFIX,
    });
    return new Connection(client);
  }

  plaintext(port: number, timeoutMs: number): Promise<string> {
    return plaintext(port, timeoutMs);
  }

  served(port: number, timeoutMs: number): Promise<string> {
    return servedCertificate(port, timeoutMs);
  }

  monitor(target: NatsTarget, page: MonitorPage, timeoutMs: number): Promise<number> {
    return monitorStatus(target, page, timeoutMs);
  }

  leafLink(target: NatsTarget, identity: NatsIdentity, timeoutMs: number): Promise<string> {
    return offerLeafLink(target, identity, timeoutMs);
  }
}

/** Without a server name the client would verify an address against "localhost"; its types leave the option out. */
function tlsOf(target: NatsTarget, identity: NatsIdentity | { ca: string }): TlsOptions & { servername: string } {
  const own = 'privateKey' in identity ? { cert: identity.certificate, key: identity.privateKey } : {};
  return { servername: target.serverName, ca: identity.ca, ...own };
}

class Connection implements NatsConnection {
  readonly #client: Client;
  readonly #violations: string[] = [];

  constructor(client: Client) {
    this.#client = client;
    void this.#watch();
  }

  async waitFor(subject: string, matches: (text: string) => boolean, timeoutMs: number): Promise<string | undefined> {
    const subscription = this.#client.subscribe(subject);
    const timer = setTimeout(() => subscription.unsubscribe(), timeoutMs);
    try {
      for await (const message of subscription) {
        const text = message.string();
        if (matches(text)) return text;
      }
    } catch (error) {
      // A subscription that is not allowed never gets a message; violations() says which.
      if (!isViolation(error)) throw error;
      this.#note(`subscription ${subject}`); // the client hands it to the subscription only
    } finally {
      clearTimeout(timer);
      subscription.unsubscribe();
    }
    return undefined;
  }

  publish(subject: string, text: string, reply?: string): void {
    this.#client.publish(subject, text, reply === undefined ? {} : { reply });
  }

  listen(subject: string, onText: (text: string) => void): void {
    this.#client.subscribe(subject, {
      callback: (error, message) => {
        if (error === null) onText(message.string());
        else if (isViolation(error)) this.#note(`subscription ${subject}`);
      },
    });
  }

  probe(subject: string, text: string): void {
    const marked = headers();
    marked.set(PROBE_HEADER, '1');
    this.#client.publish(subject, text, { headers: marked });
  }

  async request(subject: string, text: string, timeoutMs: number): Promise<string> {
    // A subscription of its own: a message out of a stream comes with the subject that it was sent on.
    return (await this.#client.request(subject, text, { timeout: timeoutMs, noMux: true })).string();
  }

  streams(): Promise<StreamStore> {
    return openStreamStore(this.#client);
  }

  async flush(): Promise<void> {
    await this.#client.flush();
  }

  violations(): string[] {
    return [...this.#violations];
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  /** Resolves when the connection closes. */
  async #watch(): Promise<void> {
    for await (const status of this.#client.status()) {
      const violation = violationOf(status);
      if (violation !== undefined) this.#note(violation);
    }
  }

  #note(violation: string): void {
    if (!this.#violations.includes(violation)) this.#violations.push(violation);
  }
}

const VIOLATION = 'PERMISSIONS_VIOLATION';

const isViolation = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === VIOLATION;

function violationOf({ type, data, permissionContext }: Status): string | undefined {
  if (type !== Events.Error || data !== VIOLATION) return undefined;
  return permissionContext === undefined ? VIOLATION : `${permissionContext.operation} ${permissionContext.subject}`;
}
