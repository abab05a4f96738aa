import { X509Certificate } from 'node:crypto';
import { NATS_NAMESPACE, natsUser } from '../../../../src/domain/nats/names.js';
import { SECRETS } from '../../../../src/domain/nats/objects/secrets.js';
import type { Clock, NatsAccess, NatsConnection, NatsIdentity, NatsTarget } from '../../../../src/parts/ports.js';
import { unmodelled } from '../unmodelled.js';
import type { World } from '../world.js';
import { Bus } from './bus.js';
import { serverBehind, type NatsEnd } from './nats-end.js';

/** What a TLS client is told, as Node words it. */
const REQUIRED = 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED';
const UNKNOWN_CA = 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA';

class TlsAlert extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** NATS servers in memory: they verify certificates, and messages cross where the links are up. */
export class ModelledNats implements NatsAccess {
  readonly #world: World;
  readonly #clock: Clock;
  readonly #bus: Bus;

  constructor(world: World, clock: Clock) {
    this.#world = world;
    this.#clock = clock;
    this.#bus = new Bus(world);
  }

  async connect(target: NatsTarget, identity: NatsIdentity | { ca: string }): Promise<NatsConnection> {
    const end = await this.#reach(target.port);
    if (end.port !== 'client') unmodelled('a client at the port for leaf nodes');
    const user = admitted(end, target, identity);
    return this.#bus.connect(end.host, user);
  }

  async plaintext(port: number): Promise<string> {
    await this.#reach(port);
    return 'INFO {"tls_required":true,"tls_verify":true}\r\n';
  }

  async served(port: number): Promise<string> {
    const { host, app } = await this.#reach(port);
    const server = app === 'nats-broker' ? host.cluster.broker : host.cluster.leafNode;
    return server.settle()?.certificate ?? '';
  }

  async leafLink(target: NatsTarget, identity: NatsIdentity): Promise<string> {
    const end = await this.#reach(target.port);
    const user = admitted(end, target, identity);
    return user.startsWith('leaf-') ? 'PONG\r\n' : "-ERR 'Authorization Violation'\r\n";
  }

  monitor(): Promise<number> {
    return unmodelled('monitoring from outside');
  }

  async #reach(port: number): Promise<NatsEnd> {
    const end = this.#world.endOf(port);
    if (end === undefined) throw new Error('CONNECTION_REFUSED');
    await this.#clock.sleep(end.from.times.network('call'), new AbortController().signal);
    const server = serverBehind(this.#world, end);
    if (server === undefined) throw new Error('CONNECTION_REFUSED');
    return server;
  }
}

/** The user that the server maps the certificate to. @throws TlsAlert */
function admitted({ host, app }: NatsEnd, { serverName }: NatsTarget, identity: NatsIdentity | { ca: string }): string {
  const secret = app === 'nats-broker' ? SECRETS.broker : SECRETS.leaf;
  const metadata = { name: secret, namespace: NATS_NAMESPACE };
  const { data = {} } = host.cluster.read({ apiVersion: 'v1', kind: 'Secret', metadata }) ?? {};
  const pem = (key: string): string => Buffer.from(data[key] ?? '', 'base64').toString();
  const server = new X509Certificate(pem('tls.crt'));
  if (!server.verify(new X509Certificate(identity.ca).publicKey)) throw new TlsAlert('DEPTH_ZERO_SELF_SIGNED_CERT');
  if (server.checkHost(serverName) === undefined) throw new TlsAlert('ERR_TLS_CERT_ALTNAME_INVALID');
  if (!('certificate' in identity)) throw new TlsAlert(REQUIRED);
  const client = new X509Certificate(identity.certificate);
  if (!client.verify(new X509Certificate(pem('ca.crt')).publicKey)) throw new TlsAlert(UNKNOWN_CA);
  const user = /DNS:([^,\s]+)/.exec(client.subjectAltName ?? '')?.[1];
  return user ?? natsUser('nobody');
}
