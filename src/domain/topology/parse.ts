import { isScalar, LineCounter, parseDocument, type Document, type YAMLParseError } from 'yaml';
import type { z } from 'zod';
import { fieldOf, messageOf } from '../../contract/caught.js';
import { closest } from './closest.js';
import { fieldBelow, fieldsAt } from './fields.js';
import { normalizeTopology, type ResolvePath } from './normalize.js';
import { pathText } from './path-text.js';
import { brokenRules } from './rules.js';
import { topologySchema } from '../../contract/topology/topology-schema.js';
import type { Topology } from '../../contract/topology/topology.js';

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

/** What was written, as YAML and as plain values. */
interface Written {
  data: unknown;
  place: (path: Path) => Pick<TopologyProblem, 'line' | 'column'>;
  /** A single value as it stands in the file; undefined: there is none. */
  text: (path: Path) => string | undefined;
}

/** Reads a topology file. Every problem is reported at once, with its place, and nothing is touched. */
export function parseTopology(source: string, resolvePath: ResolvePath): ParsedTopology {
  const read = readYaml(source);
  if ('problems' in read) return { ok: false, problems: read.problems };
  const parsed = topologySchema.safeParse(read.data);
  if (!parsed.success) return { ok: false, problems: problemsOf(parsed.error.issues, read) };

  const broken = brokenRules(parsed.data);
  if (broken.length === 0) return { ok: true, topology: normalizeTopology(parsed.data, resolvePath) };
  return {
    ok: false,
    problems: broken.map(({ path, message, remedy }) => ({ ...placed(path, read), message, remedy })),
  };
}

/** Aliases are resolved up to this many times: a few short lines could stand for more than fits into memory. */
const MAX_ALIASES = 50;

function readYaml(source: string): Written | { problems: TopologyProblem[] } {
  if (source.includes('\0'))
    return {
      problems: [
        { line: 1, column: 1, path: '', message: 'is not text in UTF-8', remedy: 'save it as UTF-8, not as UTF-16' },
      ],
    };
  try {
    const lines = new LineCounter();
    const document = parseDocument(source, { lineCounter: lines, strict: true, uniqueKeys: true });
    if (document.errors.length > 0) return { problems: document.errors.map(notYaml) };
    const data: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    return {
      data,
      place: (path) => placeOf(document, lines, path),
      text: (path) => textOf(document, source, path),
    };
  } catch (error) {
    // The parser throws for what it cannot hold: too many aliases, and too many levels.
    const message = `cannot be read: ${messageOf(error)}`;
    return {
      problems: [{ line: 1, column: 1, path: '', message, remedy: 'write it out, without aliases and nesting' }],
    };
  }
}

/** Of what the parser says for programmers. */
const FOR_PEOPLE: Readonly<Record<string, Pick<TopologyProblem, 'message' | 'remedy'>>> = {
  DUPLICATE_KEY: { message: 'this field is there twice', remedy: 'keep one of the two' },
  MULTIPLE_DOCS: { message: 'a second document begins here', remedy: 'keep one topology in a file' },
  TAB_AS_INDENT: { message: 'a tab indents this line', remedy: 'indent by spaces' },
};

function notYaml({ code, message, linePos }: YAMLParseError): TopologyProblem {
  const said = { message: message.split('\n')[0]?.replace(/ at line \d+.*$/, '') ?? 'is not YAML' };
  return { line: linePos?.[0].line ?? 1, column: linePos?.[0].col ?? 1, path: '', ...(FOR_PEOPLE[code] ?? said) };
}

/** A field with a wrong name also makes the right one look missing: that is one problem. */
function problemsOf(issues: readonly z.core.$ZodIssue[], written: Written): TopologyProblem[] {
  const meant = new Set(
    issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => pathText([...issue.path, fieldMeantBy(key, issue.path) ?? key]))
        : [],
    ),
  );
  return issues
    .filter((issue) => !isMissing(issue, written) || !meant.has(pathText(issue.path)))
    .flatMap((issue) => fromIssue(issue, written));
}

const fieldMeantBy = (key: string, path: Path): string | undefined =>
  closest(key, fieldsAt(path)) ?? fieldBelow(key, path);

const isMissing = (issue: z.core.$ZodIssue, { data }: Written): boolean =>
  (issue.code === 'invalid_type' || issue.code === 'invalid_union') && valueAt(data, issue.path) === undefined;

function fromIssue(issue: z.core.$ZodIssue, written: Written): TopologyProblem[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownField(key, issue.path, written));
  const at = placed(issue.path, written);
  if (isMissing(issue, written))
    return [{ ...at, message: 'is missing', remedy: 'add it; docs/topology.md shows an example' }];
  if (valueAt(written.data, issue.path) === null)
    return [{ ...at, message: 'is empty', remedy: 'write a value, or leave it out' }];
  const text = issue.code === 'invalid_type' && issue.expected === 'string' ? written.text(issue.path) : undefined;
  if (text !== undefined)
    return [
      { ...at, value: text, message: plainText(issue), remedy: `YAML reads it as another type: write "${text}"` },
    ];
  return [{ ...at, message: plainText(issue), remedy: 'correct the value; docs/topology.md lists what is allowed' }];
}

/** Of an issue without a text of ours. */
function plainText(issue: z.core.$ZodIssue): string {
  if (issue.code === 'too_small' && issue.message.startsWith('Too small'))
    return issue.origin === 'array' && issue.minimum === 1 ? 'is empty' : `must be ${issue.minimum} or more`;
  return issue.message.replace(/^Invalid (input|option): /, '');
}

function unknownField(key: string, parent: Path, written: Written): TopologyProblem {
  const near = fieldMeantBy(key, parent);
  return {
    ...placed([...parent, key], written),
    message: near === undefined ? 'is not a field of a topology' : `is not a field; did you mean ${near}?`,
    remedy: 'remove it or correct its name; fields are in docs/topology.md',
  };
}

function placed(path: Path, { data, place }: Written): Pick<TopologyProblem, 'line' | 'column' | 'path' | 'value'> {
  const value = valueAt(data, path);
  const at = { ...place(path), path: pathText(path) };
  return value === undefined || (typeof value === 'object' && value !== null) ? at : { ...at, value: valueText(value) };
}

/** Without the user and the password of a URL. */
const valueText = (value: unknown): string =>
  ((JSON.stringify(value) as string | undefined) ?? '').replace(/\/\/[^/\s"]*@/, '//[redacted]@');

const valueAt = (data: unknown, path: Path): unknown =>
  path.reduce<unknown>((at, part) => fieldOf(at, String(part)), data);

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

/** Characters of a value that a remedy repeats. */
const MAX_SHOWN = 40;

function textOf(document: Document.Parsed, source: string, path: Path): string | undefined {
  const node: unknown = document.getIn(path, true);
  return isScalar(node) && node.range ? source.slice(node.range[0], node.range[1]).slice(0, MAX_SHOWN) : undefined;
}
