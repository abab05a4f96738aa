import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const sha256Of = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');

const OCI = 'application/vnd.oci.image';

/**
 * The public release places under one origin, as a mirror has them: files, and a registry that speaks the distribution
 * protocol and wants a token.
 */
export class ReleaseServer {
  readonly files = new Map<string, string | Buffer>();
  /** `<method-less path> <range>` of every request. */
  readonly asked: string[] = [];
  /** Paths whose answer breaks off half-way, so many times. */
  readonly breaks = new Map<string, number>();
  /** Beginnings of paths that another server has. */
  readonly movedTo = new Map<string, string>();
  /** Paths that the server cannot serve now. */
  readonly down = new Set<string>();
  /** Answers no ranges. */
  plain = false;
  #server: Server | undefined;

  get url(): string {
    return `http://127.0.0.1:${(this.#server?.address() as AddressInfo).port}`;
  }

  async start(): Promise<void> {
    this.#server = createServer((request, response) => this.#answer(request, response)).listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    this.#server?.close();
    if (this.#server !== undefined) await once(this.#server, 'close');
  }

  /** An image for amd64 and arm64, with layers of the given contents. */
  image(repository: string, tag: string, layers: readonly string[]): void {
    const manifests = ['amd64', 'arm64'].map((architecture) => ({
      ...this.#manifest(repository, architecture, layers),
      platform: { os: 'linux', architecture },
    }));
    const mediaType = `${OCI}.index.v1+json`;
    this.files.set(`/v2/${repository}/manifests/${tag}`, JSON.stringify({ schemaVersion: 2, mediaType, manifests }));
  }

  #manifest(repository: string, architecture: string, layers: readonly string[]): object {
    const blob = (mediaType: string, content: string): object => {
      this.files.set(`/v2/${repository}/blobs/sha256:${sha256Of(content)}`, content);
      return { mediaType, digest: `sha256:${sha256Of(content)}`, size: content.length };
    };
    const config = JSON.stringify({ architecture, os: 'linux', rootfs: { type: 'layers', diff_ids: [] } });
    const content = JSON.stringify({
      schemaVersion: 2,
      config: blob(`${OCI}.config.v1+json`, config),
      layers: layers.map((layer) => blob(`${OCI}.layer.v1.tar+gzip`, layer)),
    });
    this.files.set(`/v2/${repository}/manifests/sha256:${sha256Of(content)}`, content);
    return { mediaType: `${OCI}.manifest.v1+json`, digest: `sha256:${sha256Of(content)}`, size: content.length };
  }

  #answer({ url = '', headers }: IncomingMessage, response: ServerResponse): void {
    const path = decodeURIComponent(url);
    this.asked.push([path, headers.range].filter((word) => word !== undefined).join(' '));
    const [, other] = [...this.movedTo].find(([beginning]) => path.startsWith(beginning)) ?? [];
    if (other !== undefined) return void response.writeHead(307, { location: `${other}${url}` }).end();
    if (this.down.has(path)) return void response.writeHead(503).end();
    if (path.startsWith('/token?')) return void response.end(JSON.stringify({ token: path }));
    const content = this.files.get(path);
    const scope = /^\/v2\/(.+)\/(manifests|blobs)\//.exec(path)?.[1];
    if (scope !== undefined && headers.authorization !== `Bearer /token?service=test&scope=repository:${scope}:pull`) {
      const challenge = `Bearer realm="${this.url}/token",service="test",scope="repository:${scope}:pull"`;
      return void response.writeHead(401, { 'www-authenticate': challenge }).end('{}');
    }
    if (content === undefined) return void response.writeHead(404).end();
    this.#send(path, Buffer.from(content), headers.range, response);
  }

  #send(path: string, content: Buffer, range: string | undefined, response: ServerResponse): void {
    const from = this.plain ? 0 : Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
    if (from >= content.length && from > 0) return void response.writeHead(416).end();
    const rest = content.subarray(from);
    response.writeHead(from === 0 ? 200 : 206, { 'content-length': rest.length });
    const breaks = this.breaks.get(path) ?? 0;
    if (breaks === 0) return void response.end(rest);
    this.breaks.set(path, breaks - 1);
    response.write(rest.subarray(0, Math.ceil(rest.length / 2)), () => setTimeout(() => response.destroy(), 20));
  }
}
