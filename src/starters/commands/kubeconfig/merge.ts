import { mkdir, open, realpath, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isMap, isSeq, parse, parseDocument, type Document, type YAMLMap } from 'yaml';
import { codeOf } from '../../../contract/caught.js';
import { readIfThere, writeWhole } from '../../../local/atomic-file.js';
import { usage } from '../../failure.js';

/** Whose entries they are, and how they are called in the file. */
export interface Entry {
  name: string;
  topology: string;
  cluster: string;
}

const MARK = 'leafspan';
const LISTS = ['clusters', 'users', 'contexts'] as const;
type List = (typeof LISTS)[number];
const EMPTY = 'apiVersion: v1\nkind: Config\npreferences: {}\n';

/** As K3s writes it. */
interface Kubeconfig {
  clusters: { cluster: object }[];
  users: { user: object }[];
}

export const backupOf = (file: string): string => `${file}.leafspan-backup`;

/**
 * Puts a cluster's entries into a kubeconfig of a person. Entries of others, their order and comments stay.
 * @returns whether something changed @throws ProvisionError USAGE for a name that another entry has
 */
export const merge = (file: string, kubeconfig: string, entry: Entry): Promise<boolean> =>
  change(file, (document) => {
    const { clusters, users } = parse(kubeconfig) as Kubeconfig;
    const { name } = entry;
    const extensions = [{ name: MARK, extension: { topology: entry.topology, cluster: entry.cluster } }];
    const wanted: Record<List, object> = {
      clusters: { name, cluster: { ...clusters[0]?.cluster, extensions } },
      users: { name, user: { ...users[0]?.user, extensions } },
      contexts: { name, context: { cluster: name, user: name, extensions } },
    };
    for (const list of LISTS) refuseClash(file, document, list, entry);
    for (const list of LISTS) put(document, list, name, wanted[list]);
    if (typeof document.get('current-context') !== 'string' || document.get('current-context') === '')
      document.set('current-context', name);
  });

/** Takes out the entries that leafspan has put in for a cluster. @returns whether there were some */
export const unmerge = (file: string, { topology, cluster }: Omit<Entry, 'name'>): Promise<boolean> =>
  change(file, (document) => {
    const gone: unknown[] = [];
    for (const list of LISTS) {
      const items = document.get(list);
      if (!isSeq<YAMLMap>(items)) continue;
      const isOurs = (item: YAMLMap): boolean => isMarked(item, { topology, cluster });
      gone.push(...items.items.filter(isOurs).map((item) => item.get('name')));
      items.items = items.items.filter((item) => !isOurs(item));
    }
    if (gone.includes(document.get('current-context'))) document.set('current-context', '');
  });

async function change(file: string, edit: (document: Document) => void): Promise<boolean> {
  const path = await realpath(file).catch(() => file);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  return locked(path, async () => {
    const before = (await readIfThere(path))?.toString();
    const document = parseDocument(before ?? EMPTY);
    if (document.errors.length > 0 || !isMap(document.contents))
      throw usage(
        `${file} is not a kubeconfig: ${document.errors[0]?.message ?? 'it is no YAML map'}`,
        'correct the file, or name another one in KUBECONFIG',
      );
    const unchanged = document.toString();
    edit(document);
    const after = document.toString();
    if (after === unchanged) return false;
    if (before !== undefined) await writeWhole(backupOf(path), before);
    await writeWhole(path, after);
    return true;
  });
}

/** As kubectl locks it while it writes. */
async function locked<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`;
  const handle = await open(lock, 'wx', 0o600).catch((error: unknown) => {
    if (codeOf(error) !== 'EEXIST') throw error;
    throw usage(
      `${lock} is there: another program changes the file`,
      `try again; if no program does, remove it: rm ${lock}`,
    );
  });
  try {
    return await work();
  } finally {
    await handle.close();
    await rm(lock, { force: true });
  }
}

function itemNamed(document: Document, list: List, name: string): YAMLMap | undefined {
  const items = document.get(list);
  return isSeq<YAMLMap>(items) ? items.items.find((item) => isMap(item) && item.get('name') === name) : undefined;
}

function refuseClash(file: string, document: Document, list: List, entry: Entry): void {
  const item = itemNamed(document, list, entry.name);
  if (item === undefined || isMarked(item, entry)) return;
  throw usage(
    `${file} has an entry "${entry.name}" in ${list} that is not of cluster "${entry.cluster}" of topology "${entry.topology}"`,
    'choose another name: --name <name>',
  );
}

function isMarked(item: YAMLMap, { topology, cluster }: Omit<Entry, 'name'>): boolean {
  const text = JSON.stringify(item.toJSON());
  return text.includes(`{"name":"${MARK}","extension":{"topology":"${topology}","cluster":"${cluster}"}}`);
}

function put(document: Document, list: List, name: string, wanted: object): void {
  const items = document.get(list);
  if (!isSeq<YAMLMap>(items)) {
    document.set(list, document.createNode([wanted]));
    return;
  }
  const at = items.items.findIndex((item) => isMap(item) && item.get('name') === name);
  const same = at >= 0 && JSON.stringify(items.items[at]?.toJSON()) === JSON.stringify(wanted);
  if (same) return;
  const node = document.createNode(wanted) as YAMLMap;
  if (at < 0) items.items.push(node);
  else items.items[at] = node;
}
