// Plain JavaScript without dependencies: it runs on a fresh clone, before any package is there.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Holds the hash of the lockfile that node_modules was installed from. */
const MARKER = join(ROOT, 'node_modules', '.leafspan-lock-hash');

const INSTALL_POLL_MS = 500;

const sha256 = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

/** The versions in package.json's engines: ^20.19 || >=22.12. */
export const isSupported = (version) => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
};

function requireSupportedNode() {
  if (isSupported(process.versions.node)) return true;
  process.stderr.write(
    `leafspan: Node ${process.versions.node} is too old or not supported, ^20.19 or >=22.12 is needed\n` +
      'hint: install Node 22 or 24 from https://nodejs.org, or with a version manager: nvm install 22\n',
  );
  process.exitCode = 2;
  return false;
}

/** A built package has no sources, and its dependencies were installed with it. */
const isBuilt = () => !existsSync(join(ROOT, 'src'));

const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** Packages installed manually count: npm's own record of what is in node_modules agrees with the lockfile. */
function installedByHand() {
  const record = join(ROOT, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const { packages: installed } = readJson(record);
  const { packages: locked } = readJson(join(ROOT, 'package-lock.json'));
  const isAsLocked = ([path, { version, optional }]) =>
    path === '' || (installed[path] === undefined ? optional === true : installed[path].version === version);
  return Object.entries(locked).every(isAsLocked);
}

/** Returns whether node_modules matches the lockfile. */
function isInstalled(lockHash) {
  if (existsSync(MARKER) && readFileSync(MARKER, 'utf8') === lockHash) return true;
  if (!installedByHand()) return false;
  writeFileSync(MARKER, lockHash);
  return true;
}

function installIfNeeded() {
  if (isBuilt()) return true;
  const lockHash = sha256(readFileSync(join(ROOT, 'package-lock.json')));
  if (isInstalled(lockHash)) return true;
  return exclusively(() => isInstalled(lockHash) || install(lockHash));
}

/** One install at a time: a second command that starts meanwhile waits for it. A lock whose holder is dead counts as none. */
function exclusively(work) {
  const lock = join(ROOT, '.leafspan', 'install.lock');
  mkdirSync(join(ROOT, '.leafspan'), { recursive: true });
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (!isAlive(lock)) rmSync(lock, { force: true });
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, INSTALL_POLL_MS);
    }
  }
  try {
    return work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function isAlive(lock) {
  try {
    return process.kill(Number(readFileSync(lock, 'utf8')), 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function install(lockHash) {
  const why = existsSync(join(ROOT, 'node_modules')) ? 'package-lock.json has changed' : 'first start';
  process.stderr.write(`leafspan: installing packages (${why}; takes about half a minute) ...\n`);
  const started = Date.now();
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const { status, error } = spawnSync(npm, ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
    env: withoutNpmRun(process.env),
  });
  if (status !== 0) {
    const because = error === undefined ? `npm ci exited with code ${status}` : error.message;
    process.stderr.write(
      `leafspan: packages are not installed: ${because}\nhint: fix what npm reports, then run: npm ci --include=dev\n`,
    );
    process.exitCode = 1;
    return false;
  }
  writeFileSync(MARKER, lockHash);
  process.stderr.write(`leafspan: packages installed in ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
  return true;
}

/** `npm run` hands its own settings down as npm_config_*; an `ignore-scripts` or `omit` among them must not steer this install. */
const withoutNpmRun = (env) =>
  Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^npm_(config_(omit|only|production)|lifecycle_)/.test(name)),
  );

/** Node and packages are as needed; otherwise says what is wrong and sets the exit code. */
export const prepare = () => requireSupportedNode() && installIfNeeded();

export const filesBelow = (directory, skip = []) =>
  readdirSync(directory, { withFileTypes: true })
    .filter((entry) => !skip.includes(entry.name))
    .flatMap((entry) =>
      entry.isDirectory() ? filesBelow(join(directory, entry.name)) : [join(directory, entry.name)],
    );

/** Hash of all that a worker runs. A worker of another build is replaced. */
export function buildId() {
  const code = join(ROOT, isBuilt() ? 'dist' : 'src');
  const files = filesBelow(code, ['starters', 'lab']).sort();
  return sha256(...files.flatMap((file) => [file.slice(ROOT.length), readFileSync(file)])).slice(0, 16);
}

/** Imports a module of the product by its path below src, from dist in a built package and through tsx else. */
export async function load(module) {
  process.env['LEAFSPAN_BUILD_ID'] ??= buildId();
  if (isBuilt()) return import(pathToFileURL(join(ROOT, 'dist', `${module}.js`)).href);
  const { register } = await import('tsx/esm/api');
  register();
  return import(pathToFileURL(join(ROOT, 'src', `${module}.ts`)).href);
}

/** The same for the worker, without tsx. In a clone the code is compiled first, once per build. */
export async function loadCompiled(module) {
  process.env['LEAFSPAN_BUILD_ID'] ??= buildId();
  const directory = isBuilt() ? join(ROOT, 'dist') : join(ROOT, '.leafspan', 'compiled', buildId());
  if (existsSync(directory) || compile(directory)) await import(pathToFileURL(join(directory, `${module}.js`)).href);
}

function compile(directory) {
  const program = fileURLToPath(new URL('compile.js', import.meta.url));
  const { status } = spawnSync(process.execPath, [program, directory], { stdio: ['ignore', 2, 2] });
  if (status === 0) return true;
  process.stderr.write('leafspan: the worker is not compiled\nhint: run: npm ci --include=dev\n');
  process.exitCode = 1;
  return false;
}
