/** Preloaded into a test's process: to it, the paths in HIDDEN and all below them do not exist. */
import child from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const hidden = (process.env['HIDDEN'] ?? '').split(' ').filter(Boolean);

/** The function, for which a hidden path is one that does not exist. */
const blind = <F extends (...args: never[]) => unknown>(original: F): F =>
  new Proxy(original, {
    apply: (target, self, [path, ...rest]: unknown[]): unknown =>
      Reflect.apply(target, self, [hidden.some((each) => String(path).startsWith(each)) ? '/hidden' : path, ...rest]),
  });

fs.readFileSync = blind(fs.readFileSync);
fs.existsSync = blind(fs.existsSync);
child.spawnSync = blind(child.spawnSync);
syncBuiltinESMExports();
