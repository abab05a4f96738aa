import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import proto from '@temporalio/proto';
import { format } from 'prettier';

const { History: HistoryMessage } = proto.temporal.api.history.v1;
export type History = proto.temporal.api.history.v1.IHistory;

const directory = new URL('../../histories/', import.meta.url);
const checksums = new URL('checksums.txt', directory);

/** As JSON. The SDK's own converter does not accept messages of another module registry. */
const historyText = (history: History): string =>
  JSON.stringify(
    HistoryMessage.toObject(HistoryMessage.fromObject(history), { longs: String, enums: String, bytes: String }),
    withoutMachine,
  );

/** Without process ids, host names and paths. */
function withoutMachine(key: string, value: unknown): unknown {
  if (key === 'stackTrace') return '';
  return key === 'identity' || (typeof value === 'string' && /^\d+@/.test(value)) ? 'test' : value;
}

/** Texts of the recorded histories by `<release>/<file>`. */
export const historyFiles = (): Map<string, string> =>
  new Map(
    readdirSync(directory, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.json'))
      .sort()
      .map((name) => [name, readFileSync(new URL(name, directory), 'utf8')]),
  );

export const readHistory = (text: string): History => HistoryMessage.fromObject(JSON.parse(text) as object);

/** Lines of the list, as `sha256sum` writes and checks them. */
export const checksumLines = (): string[] => readFileSync(checksums, 'utf8').trimEnd().split('\n');

export const checksumLine = (name: string, text: string): string =>
  `${createHash('sha256').update(text).digest('hex')}  ${name}`;

/**
 * With UPDATE_HISTORIES=1 the history is added to those of this release. One that is there stays as it is: runs that were
 * started by that code may still be open.
 */
export async function recordHistory(name: string, history: History): Promise<void> {
  if (process.env['UPDATE_HISTORIES'] !== '1') return;
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const file = `${version}/${name}.json`;
  const url = new URL(file, directory);
  if (existsSync(url)) return;
  const text = await format(historyText(history), { parser: 'json' });
  mkdirSync(new URL('.', url), { recursive: true });
  writeFileSync(url, text);
  appendFileSync(checksums, `${checksumLine(file, text)}\n`);
}
