import { cut } from '../../contract/printable.js';
import type { TopologyProblem } from '../../domain/topology/parse.js';

/** Problems that are printed, and characters of each part: a file may be something else than a topology. */
const MAX_PROBLEMS = 10;
const MAX_CHARS = 200;

/** One line per problem, `file:line:column path: value — message`, each followed by what to do. */
export function renderProblems(file: string, problems: readonly TopologyProblem[]): string {
  const more = problems.length - MAX_PROBLEMS;
  const shown = problems.slice(0, MAX_PROBLEMS).map((problem) => renderProblem(file, problem));
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('\n');
}

function renderProblem(file: string, { line, column, path, value, message, remedy }: TopologyProblem): string {
  const subject = [path, value]
    .filter((part) => part !== undefined && part !== '')
    .map(short)
    .join(': ');
  const head = `${file}:${line}:${column} ${subject === '' ? short(message) : `${subject} — ${short(message)}`}`;
  return remedy === undefined ? head : `${head}\n    ${remedy}`;
}

const short = (text = ''): string => cut(text, MAX_CHARS);
