// Before `npm test` and `npm run check`: the packages.
import { prepare } from './bootstrap.js';

prepare();
