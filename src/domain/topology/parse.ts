import { LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { normalizeTopology, type ResolvePath } from './normalize.js';
import { brokenRules } from './rules.js';
import { topologySchema } from '../../contract/topology-schema.js';
import type { Topology } from '../../contract/topology.js';

/** One problem of a topology file. Lines and columns count from 1. */
export interface TopologyProblem {
  line: number;
  column: number;
  /** Dotted, such as `leaves[0].hosts[0].ssh.address`; empty for the file as a whole. */
  path: string;
  /** The wrong value, as JSON; absent for a missing field. */
  value?: string;
  message: string;
  remedy?: string;
}

export type ParsedTopology = { ok: true; topology: Topology } | { ok: false; problems: TopologyProblem[] };

type Path = readonly PropertyKey[];

/** Reads a topology file. Every problem is reported at once, with its place, and nothing is touched. */
export function parseTopology(source: string, resolvePath: ResolvePath): ParsedTopology {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, strict: true, uniqueKeys: true });
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) => ({
      line: error.linePos?.[0].line ?? 1,
      column: error.linePos?.[0].col ?? 1,
      path: '',
      message: error.message.split('\n')[0]?.replace(/ at line \d+.*$/, '') ?? 'is not YAML',
    }));
    return { ok: false, problems };
  }
  const place = (path: Path): Pick<TopologyProblem, 'line' | 'column'> => placeOf(document, lines, path);
  const parsed = topologySchema.safeParse(document.toJS({ maxAliasCount: 50 }));
  if (!parsed.success)
    return { ok: false, problems: parsed.error.issues.flatMap((issue) => fromIssue(issue, document, place)) };

  const broken = brokenRules(parsed.data);
  if (broken.length === 0) return { ok: true, topology: normalizeTopology(parsed.data, resolvePath) };
  return {
    ok: false,
    problems: broken.map(({ path, message, remedy }) => ({
      ...place(path),
      path: pathText(path),
      ...valueAt(document, path),
      message,
      remedy,
    })),
  };
}

function fromIssue(
  issue: z.core.$ZodIssue,
  document: Document.Parsed,
  place: (path: Path) => Pick<TopologyProblem, 'line' | 'column'>,
): TopologyProblem[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => {
      const path = [...issue.path, key];
      return {
        ...place(path),
        path: pathText(path),
        ...valueAt(document, path),
        message: 'is not a field of a topology',
        remedy: `remove it or correct its name; fields are in docs/topology.md`,
      };
    });
  const missing = issue.code === 'invalid_type' && document.getIn(issue.path) === undefined;
  return [
    {
      ...place(issue.path),
      path: pathText(issue.path),
      ...valueAt(document, issue.path),
      message: missing ? 'is missing' : issue.message.replace(/^Invalid (input|option): /, ''),
      remedy: missing
        ? 'add it; docs/topology.md shows an example'
        : 'correct the value; docs/topology.md lists what is allowed',
    },
  ];
}

function valueAt(document: Document.Parsed, path: Path): { value?: string } {
  const value: unknown = document.getIn(path);
  return value === undefined || (typeof value === 'object' && value !== null) ? {} : { value: JSON.stringify(value) };
}

function placeOf(document: Document.Parsed, lines: LineCounter, path: Path): Pick<TopologyProblem, 'line' | 'column'> {
  for (let depth = path.length; depth >= 0; depth -= 1) {
    const node: unknown = document.getIn(path.slice(0, depth), true);
    const range = typeof node === 'object' && node !== null && 'range' in node ? (node.range as number[] | null) : null;
    if (range?.[0] !== undefined) {
      const { line, col } = lines.linePos(range[0]);
      return { line, column: col };
    }
  }
  return { line: 1, column: 1 };
}

export const pathText = (path: Path): string =>
  path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`))
    .join('');
