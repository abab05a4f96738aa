// Before `npm pack`: what a package without sources runs from. Types are checked by `npm run types`.
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compileSources } from './compile-sources.js';

const inRoot = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

rmSync(inRoot('dist'), { recursive: true, force: true });
compileSources(inRoot('dist'));
