import type { TopologyProblem } from '../../domain/topology/parse.js';

/** One line per problem, `file:line:column path: value — message`, each followed by what to do. */
export const renderProblems = (file: string, problems: readonly TopologyProblem[]): string =>
  problems
    .map(({ line, column, path, value, message, remedy }) => {
      const subject = [path, value].filter((part) => part !== undefined && part !== '').join(': ');
      const head = `${file}:${line}:${column} ${subject === '' ? message : `${subject} — ${message}`}`;
      return remedy === undefined ? head : `${head}\n    ${remedy}`;
    })
    .join('\n');
