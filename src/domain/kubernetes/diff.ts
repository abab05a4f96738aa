import type { KubernetesObject } from '@kubernetes/client-node';
import { parseObject } from '../../contract/json.js';

/** Written by the API server and by controllers, at any time. */
const OTHERS_METADATA = new Set(['resourceVersion', 'managedFields', 'generation', 'uid', 'creationTimestamp']);
const REVISION = 'deployment.kubernetes.io/revision';

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
type Tree = { [key: string]: Json };

/** Makes a fingerprint of a value that must not be shown. */
export type Fingerprint = (value: string) => string;

/**
 * The fields in which an object would become another one, a line each: `spec.replicas: 1 → 2`. Empty when an apply would
 * change nothing. The status, and what the API server and controllers write, do not count. Data of Secrets appear as
 * fingerprints.
 */
export function fieldDiff(before: KubernetesObject, after: KubernetesObject, fingerprint: Fingerprint): string[] {
  const [left, right] = [ownFields(before), ownFields(after)];
  const hide = after.kind === 'Secret' ? fingerprint : undefined;
  return differences(left, right, '', hide);
}

function ownFields(object: KubernetesObject): Tree {
  const { metadata, ...rest } = plain(object);
  delete rest['status'];
  const kept = isTree(metadata) ? metadata : {};
  const annotations = isTree(kept['annotations']) ? kept['annotations'] : {};
  return {
    ...rest,
    metadata: {
      ...Object.fromEntries(Object.entries(kept).filter(([key]) => !OTHERS_METADATA.has(key))),
      annotations: Object.fromEntries(Object.entries(annotations).filter(([key]) => key !== REVISION)),
    },
  };
}

/** Without dates and undefined fields, as it would travel. */
const plain = (object: KubernetesObject): Tree => parseObject(JSON.stringify(object), {});

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

function differences(left: Json | undefined, right: Json | undefined, path: string, hide?: Fingerprint): string[] {
  if (isTree(left) && isTree(right)) {
    const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])];
    return keys.flatMap((key) => differences(left[key], right[key], path === '' ? key : `${path}.${key}`, hide));
  }
  if (Array.isArray(left) && Array.isArray(right)) {
    const length = Math.max(left.length, right.length);
    return Array.from({ length }, (_, index) => index).flatMap((index) =>
      differences(left[index], right[index], `${path}[${index}]`, hide),
    );
  }
  if (JSON.stringify(left) === JSON.stringify(right)) return [];
  if (typeof left === 'string' && typeof right === 'string' && hide === undefined && left.includes('\n'))
    return textDiff(left, right).map((line) => `${path}: ${line}`);
  return [`${path}: ${shown(left, path, hide)} → ${shown(right, path, hide)}`];
}

/** Characters of a value that are shown. */
const MAX_VALUE = 120;

/** A value as a diff shows it. `hide` is for Secrets: their data appear as fingerprints. */
export function shown(value: unknown, path: string, hide: Fingerprint | undefined): string {
  if (value === undefined) return '(none)';
  if (hide !== undefined && /^(data|stringData)\b/.test(path))
    return typeof value === 'string' ? hide(value) : '(data)';
  const json = typeof value === 'string' && !value.includes('\n') ? value : JSON.stringify(value);
  return json.length <= MAX_VALUE ? json : `${json.slice(0, MAX_VALUE)}…`;
}

/** Lines of one text's difference that are shown. */
const MAX_LINES = 200;
/** Above it, the table of the longest common lines would take too much memory. */
const MAX_CELLS = 4_000_000;

/** The lines in which one text becomes another: `- old` and `+ new`, in the order of the text. */
export function textDiff(before: string, after: string): string[] {
  const [left, right] = differing(before.split('\n'), after.split('\n'));
  const common = left.length * right.length > MAX_CELLS ? [] : longestCommon(left, right);
  const lines: string[] = [];
  let [at, to] = [0, 0];
  for (const line of [...common, undefined]) {
    while (at < left.length && left[at] !== line) lines.push(`- ${left[at++] ?? ''}`);
    while (to < right.length && right[to] !== line) lines.push(`+ ${right[to++] ?? ''}`);
    at += 1;
    to += 1;
  }
  return lines.length <= MAX_LINES
    ? lines
    : [...lines.slice(0, MAX_LINES), `… and ${lines.length - MAX_LINES} more lines`];
}

/** Both lists without the lines that they begin and end with in common: one leaf of a thousand is a few lines of many. */
function differing(left: readonly string[], right: readonly string[]): [string[], string[]] {
  const shorter = Math.min(left.length, right.length);
  let head = 0;
  while (head < shorter && left[head] === right[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && left[left.length - 1 - tail] === right[right.length - 1 - tail]) tail += 1;
  return [left.slice(head, left.length - tail), right.slice(head, right.length - tail)];
}

function longestCommon(left: readonly string[], right: readonly string[]): string[] {
  const table: number[][] = Array.from({ length: left.length + 1 }, () =>
    Array.from({ length: right.length + 1 }, () => 0),
  );
  const cell = (row: number, column: number): number => table[row]?.[column] ?? 0;
  for (let row = left.length - 1; row >= 0; row -= 1)
    for (let column = right.length - 1; column >= 0; column -= 1) {
      const line = table[row];
      if (line === undefined) continue;
      line[column] =
        left[row] === right[column]
          ? cell(row + 1, column + 1) + 1
          : Math.max(cell(row + 1, column), cell(row, column + 1));
    }
  const common: string[] = [];
  let [row, column] = [0, 0];
  while (row < left.length && column < right.length) {
    if (left[row] === right[column]) {
      common.push(left[row] ?? '');
      row += 1;
      column += 1;
    } else if (cell(row + 1, column) >= cell(row, column + 1)) row += 1;
    else column += 1;
  }
  return common;
}
