import { readdirSync, readFileSync } from 'node:fs';
import proto from '@temporalio/proto';

const { History: HistoryMessage } = proto.temporal.api.history.v1;
export type History = proto.temporal.api.history.v1.IHistory;

const folder = new URL('../histories/', import.meta.url);
export const historyFile = (name: string): URL => new URL(name, folder);

/** As JSON, without the names of the machine. The SDK's own converter does not accept messages of another module registry. */
export const historyText = (history: History): string =>
  JSON.stringify(
    HistoryMessage.toObject(HistoryMessage.fromObject(history), { longs: String, enums: String, bytes: String }),
    (key, value: unknown) => (key === 'identity' ? 'test' : value),
  );

export const readHistories = (): Map<string, History> =>
  new Map(
    readdirSync(folder).map((name) => [
      name,
      HistoryMessage.fromObject(JSON.parse(readFileSync(historyFile(name), 'utf8')) as object),
    ]),
  );
