import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { stringify } from 'yaml';
import { PeculiarMint } from '../../../src/adapters/cert-mint/peculiar-mint.js';
import type { ConnectionSources } from '../../../src/adapters/kubernetes/connections.js';
import type { CertificateProfile } from '../../../src/domain/pki/profiles.js';

interface Response {
  status: number;
  body: object;
  /** Sent as it is, instead of the body. */
  raw?: { bytes: Buffer; encoding: string };
}

const profileOf = (commonName: string, rest: Partial<CertificateProfile>): CertificateProfile => ({
  commonName,
  usages: ['serverAuth'],
  dns: [],
  ips: [],
  days: 1,
  ...rest,
});

/** A Kubernetes API server that knows what it was told, and gives 501 to all else. */
export class FakeApiServer {
  readonly #responses = new Map<string, Response[]>();
  readonly #sent = new Map<string, string>();
  readonly #server: Server;
  readonly #kubeconfig: string;

  private constructor(server: Server, kubeconfig: string) {
    this.#server = server;
    this.#kubeconfig = kubeconfig;
    server.on('request', (request, response) => {
      const call = `${request.method ?? ''} ${(request.url ?? '').split('?')[0] ?? ''}`;
      const { status, body, raw } = this.#next(call);
      this.#sent.set(call, '');
      request
        .setEncoding('utf8')
        .on('data', (text: string) => this.#sent.set(call, `${this.#sent.get(call) ?? ''}${text}`));
      const encoding = raw === undefined ? {} : { 'content-encoding': raw.encoding };
      response.writeHead(status, { 'content-type': 'application/json', ...encoding });
      response.end(raw?.bytes ?? JSON.stringify(body));
    });
  }

  static async start(): Promise<FakeApiServer> {
    const mint = new PeculiarMint();
    const ca = await mint.selfSigned(profileOf('k3s-server-ca', { ca: { pathLength: 0 }, usages: [] }));
    const server = await mint.signedBy(ca, profileOf('k3s', { dns: ['kubernetes'] }));
    const admin = await mint.signedBy(ca, profileOf('admin', { usages: ['clientAuth'] }));
    const https = createServer({ key: server.privateKey, cert: server.certificate }).listen(0, '127.0.0.1');
    await once(https, 'listening');
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    const kubeconfig = stringify({
      clusters: [{ name: 'default', cluster: { server: 'x', 'certificate-authority-data': base64(ca.certificate) } }],
      users: [
        {
          name: 'default',
          user: {
            'client-certificate-data': base64(admin.certificate),
            'client-key-data': base64(admin.privateKey),
          },
        },
      ],
      contexts: [{ name: 'default', context: { cluster: 'default', user: 'default' } }],
      'current-context': 'default',
    });
    return new FakeApiServer(https, kubeconfig);
  }

  get sources(): ConnectionSources {
    const { port } = this.#server.address() as AddressInfo;
    return {
      open: () => Promise.resolve(connect(port, '127.0.0.1')),
      kubeconfig: () => Promise.resolve(this.#kubeconfig),
    };
  }

  /** The last of several responses stays. */
  on(request: string, ...responses: Response[]): this {
    this.#responses.set(request, responses);
    return this;
  }

  /** What the latest such request had as its body. */
  sent(request: string): unknown {
    return JSON.parse(this.#sent.get(request) ?? 'null');
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #next(request: string): Response {
    const [first, ...rest] = this.#responses.get(request) ?? [];
    if (rest.length > 0) this.#responses.set(request, rest);
    return first ?? refusal(501, `unscripted: ${request}`);
  }
}

/** meta/v1 Status, as API servers give it. */
export const refusal = (status: number, message: string, reason = 'Any'): Response => ({
  status,
  body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason, code: status },
});

/** What the discovery of an API version says. */
export const kinds = (groupVersion: string, ...names: string[]): Response => ({
  status: 200,
  body: {
    kind: 'APIResourceList',
    groupVersion,
    resources: names.map((kind) => ({ kind, name: `${kind.toLowerCase()}s`, namespaced: true })),
  },
});
