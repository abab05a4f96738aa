import { readFile, readdir } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { glob, LineType, parse, type Line } from 'ssh-config';
import { codeOf, messageOf } from '../../../contract/caught.js';
import { ProvisionError } from '../../../contract/errors.js';

/** Whom the file is asked about. */
export interface Asked {
  home: string;
  /** As the topology names the host. */
  alias: string;
  /** The login user, when the topology names one. */
  user: string | undefined;
  localUser: string;
}

/** What the file says of one host: keywords in lower case, in the order in which they were set. */
export interface Directives {
  values: ReadonlyMap<string, readonly string[]>;
  /** What would need more than reading, such as `Match exec`. It counts as not written. */
  skipped: readonly string[];
}

/** Each line of these adds a value; of all others the first one counts. */
const GATHERED = ['identityfile', 'certificatefile'];
/** As in OpenSSH. */
const MAX_INCLUDES = 16;

interface Walk extends Asked {
  values: Map<string, string[]>;
  skipped: Set<string>;
}

/**
 * The library parses; what counts for a host is decided here, since the library runs `Match exec` and nslookup, and has no
 * Include.
 * @throws ProvisionError SSH_KEY_UNREADABLE
 */
export async function readDirectives(asked: Asked): Promise<Directives> {
  const walk: Walk = { ...asked, values: new Map(), skipped: new Set() };
  await readInto(walk, join(asked.home, '.ssh', 'config'), 0);
  return { values: walk.values, skipped: [...walk.skipped] };
}

async function readInto(walk: Walk, path: string, depth: number): Promise<void> {
  const text = await textOf(path);
  if (text !== undefined) await follow(walk, linesOf(path, text), depth);
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return undefined;
    throw unreadable(path, messageOf(error));
  }
}

function linesOf(path: string, text: string): readonly Line[] {
  try {
    return parse(text);
  } catch (error) {
    throw unreadable(path, messageOf(error));
  }
}

const unreadable = (path: string, why: string): ProvisionError =>
  new ProvisionError(
    'SSH_KEY_UNREADABLE',
    `${path} cannot be read: ${why}`,
    `correct it; this shows how OpenSSH reads it: ssh -G <host>`,
  );

async function follow(walk: Walk, lines: readonly Line[], depth: number): Promise<void> {
  for (const line of lines) {
    if (line.type !== LineType.DIRECTIVE) continue;
    const keyword = line.param.toLowerCase();
    const words = typeof line.value === 'string' ? [line.value] : line.value.map(({ val }) => val);
    if ('config' in line) {
      if (keyword === 'host' ? glob(words, walk.alias) : matches(walk, words)) await follow(walk, line.config, depth);
    } else if (keyword === 'include') await include(walk, words, depth);
    else set(walk.values, keyword, words);
  }
}

function set(values: Walk['values'], keyword: string, words: string[]): void {
  const earlier = values.get(keyword);
  if (earlier === undefined) values.set(keyword, words);
  else if (GATHERED.includes(keyword)) earlier.push(...words);
}

/** Keywords without an argument, which are about canonical names. */
const BARE = ['canonical', 'final'];

/** `Match host a,b !user root`: all of it must hold. */
function matches(walk: Walk, words: readonly string[]): boolean {
  let holds = true;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const [negated, keyword] = word.startsWith('!') ? [true, word.slice(1).toLowerCase()] : [false, word.toLowerCase()];
    if (keyword === 'all') continue;
    const subject = BARE.includes(keyword) ? undefined : subjectOf(walk, keyword);
    if (subject === undefined) walk.skipped.add(`Match ${keyword}`);
    if (!BARE.includes(keyword)) at += 1;
    if (subject === undefined || glob(words[at] ?? '', subject) === negated) holds = false;
  }
  return holds;
}

function subjectOf({ values, alias, user, localUser }: Walk, keyword: string): string | undefined {
  if (keyword === 'originalhost') return alias;
  if (keyword === 'host') return values.get('hostname')?.[0] ?? alias;
  if (keyword === 'user') return user ?? values.get('user')?.[0] ?? localUser;
  return keyword === 'localuser' ? localUser : undefined;
}

async function include(walk: Walk, patterns: readonly string[], depth: number): Promise<void> {
  if (depth === MAX_INCLUDES) throw unreadable('~/.ssh/config', `Include is nested more than ${MAX_INCLUDES} times`);
  for (const pattern of patterns)
    for (const path of await filesOf(walk, pattern)) await readInto(walk, path, depth + 1);
}

const hasWildcard = (text: string): boolean => /[*?[]/.test(text);

async function filesOf({ home, skipped }: Walk, pattern: string): Promise<string[]> {
  const path = inHome(home, pattern, join(home, '.ssh'));
  if (path === undefined || hasWildcard(dirname(path)) || basename(path).includes('[')) {
    skipped.add(`Include ${pattern}`);
    return [];
  }
  if (!hasWildcard(path)) return [path];
  try {
    const names = await readdir(dirname(path));
    return names
      .filter((name) => !name.startsWith('.') && glob([basename(path)], name))
      .sort()
      .map((name) => join(dirname(path), name));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw unreadable(dirname(path), messageOf(error));
  }
}

/** undefined: the home of another user, or a variable. */
export function inHome(home: string, path: string, base: string): string | undefined {
  if (/\$\{/.test(path)) return undefined;
  if (path.startsWith('~/')) return join(home, path.slice(2));
  if (path.startsWith('~')) return undefined;
  return isAbsolute(path) ? path : join(base, path);
}
