import { commandsElsewhereScript } from '../../../../src/domain/artifacts/unpack.js';
import { fileFactsScript, inventoryScript, stampScript } from '../../../../src/domain/artifacts/placement.js';
import { INVENTORY_FILE, TOOLS_DIRECTORY } from '../../../../src/domain/hosts/paths.js';
import { built, lines, quotedIn, type Understood } from './understood.js';

/** The paths of the line that matches; undefined: there is no such line. */
const pathsOf =
  (line: RegExp) =>
  (script: string): string[] | undefined => {
    const found = line.exec(script)?.[0];
    return found === undefined ? undefined : quotedIn(found);
  };

const inventoryPaths = (script: string): string[] | undefined =>
  script.startsWith("grep -qsxF '")
    ? [...script.matchAll(/^grep -qsxF '([^']+)'/gm)].map(([, path = '']) => path)
    : undefined;

/** A modelled host knows checksums without notes of them. */
const stamped = (script: string): { path: string; sha256: string }[] | undefined => {
  const files = [...script.matchAll(/^echo "([0-9a-f]{64}) .* (\S+)" >> /gm)];
  return files.length === 0 ? undefined : files.map(([, sha256 = '', path = '']) => ({ path, sha256 }));
};

export const FILE_SCRIPTS: readonly Understood[] = [
  built(pathsOf(/^for file in '.*; do$/m), fileFactsScript, (host, paths) =>
    lines(
      ...paths.map((path) => {
        const file = host.files.get(path);
        const whose = host.lines(INVENTORY_FILE).includes(path) ? 'ours' : 'theirs';
        return file !== undefined && `${file.sha256} ${file.mode} ${whose} ${path}`;
      }),
    ),
  ),
  // A modelled host has no tools of its owner.
  built(
    pathsOf(/^for name in '.*; do$/m),
    (names) => commandsElsewhereScript(names, TOOLS_DIRECTORY),
    () => '',
  ),
  built(inventoryPaths, inventoryScript, (host, paths) => {
    host.addLines(INVENTORY_FILE, paths);
    return '';
  }),
  built(stamped, stampScript, () => ''),
];
