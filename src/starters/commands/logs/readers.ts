import { open } from 'node:fs/promises';
import type { SshHostShell } from '../../../adapters/ssh/ssh-host-shell.js';
import { codeOf } from '../../../contract/caught.js';
import { serverOf, type Cluster } from '../../../contract/topology/topology.js';
import { HOST_DIRECTORY, K3S_BINARY, K3S_KUBECONFIG } from '../../../domain/hosts/paths.js';
import { quote } from '../../../domain/hosts/quote.js';
import { redact } from '../../../domain/secrets/redact.js';

export interface Line {
  /** As its program wrote it, or empty. */
  time: string;
  source: string;
  text: string;
}

/** Reads the latest lines, and from then on those that came after the last call. */
export type Reader = (signal: AbortSignal) => Promise<Line[]>;

/** Of one script's output, and of a file: a program that writes without end must not fill this machine's memory. */
const MAX_BYTES = 4 << 20;
const LINE = /^\[pod\/([^\]]+)\] (\S+) (.*)$/;

export interface PodsWanted {
  namespaces: readonly string[];
  app?: string;
}

export function podReader(hosts: SshHostShell, cluster: Cluster, wanted: PodsWanted, lines: number): Reader {
  let since = '';
  let last = new Set<string>();
  return async (signal) => {
    const { stdout } = await hosts.run(serverOf(cluster), podLogsScript(wanted, lines, since), { signal });
    const all = stdout.split('\n').filter((line) => LINE.test(line));
    const fresh = all.filter((line) => !last.has(line));
    const times = all.map((line) => LINE.exec(line)?.[2] ?? '').sort();
    // The server's clock counts seconds here: lines of the last one come again.
    since = (times.at(-1) ?? since).replace(/\.\d+/, '');
    last = new Set(all);
    return fresh.map((line) => podLine(line, cluster));
  };
}

function podLine(line: string, cluster: Cluster): Line {
  const [, source = '', time = '', text = ''] = LINE.exec(line) ?? [];
  return { time, source: `${cluster.name} ${source}`, text: redact(text) };
}

const podLogsScript = ({ namespaces, app }: PodsWanted, lines: number, since: string): string => `
export KUBECONFIG=${K3S_KUBECONFIG}
for namespace in ${namespaces.map(quote).join(' ')}; do
  for pod in $(${K3S_BINARY} kubectl --cache-dir ${HOST_DIRECTORY}/kubectl -n "$namespace" get pods ${app === undefined ? '' : `-l ${quote(`app=${app}`)}`} -o name); do
    ${K3S_BINARY} kubectl --cache-dir ${HOST_DIRECTORY}/kubectl -n "$namespace" logs "$pod" --all-containers --prefix --timestamps ${since === '' ? `--tail=${lines}` : `--since-time=${quote(since)}`}
  done
done 2>&1 | head -c ${MAX_BYTES}
`;

const CURSOR = '-- cursor: ';

export function unitReader(hosts: SshHostShell, cluster: Cluster, unit: string, lines: number): Reader {
  let cursor: string | undefined;
  return async (signal) => {
    const part = cursor === undefined ? `-n ${lines}` : `--after-cursor=${quote(cursor)}`;
    const script = `journalctl -u ${unit} --no-pager -o short-iso --show-cursor ${part} | tail -c ${MAX_BYTES}`;
    const { stdout } = await hosts.run(serverOf(cluster), script, { signal });
    const all = stdout.split('\n');
    cursor = all.find((line) => line.startsWith(CURSOR))?.slice(CURSOR.length) ?? cursor;
    const source = `${cluster.name} ${unit}`;
    return all
      .filter((line) => line !== '' && !line.startsWith('-- '))
      .map((line) => {
        const [time = '', ...text] = line.split(' ');
        return { time, source, text: redact(text.join(' ')) };
      });
  };
}

/** @param path of a file that only grows */
export function fileReader(path: string, source: string, lines: number): Reader {
  let from: number | undefined;
  return async () => {
    const text = await readFrom(path, from);
    const isFirst = from === undefined;
    from = text.end;
    const all = text.content.split('\n').filter((line) => line !== '');
    return (isFirst ? all.slice(-lines) : all).map((line) => ({ time: '', source, text: redact(line) }));
  };
}

async function readFrom(path: string, from: number | undefined): Promise<{ content: string; end: number }> {
  const file = await open(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (file === undefined) return { content: '', end: 0 };
  try {
    const { size } = await file.stat();
    const start = from === undefined || from > size ? Math.max(0, size - MAX_BYTES) : from;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(size - start, MAX_BYTES)), 0, undefined, start);
    return { content: buffer.toString('utf8', 0, bytesRead), end: start + bytesRead };
  } finally {
    await file.close();
  }
}
