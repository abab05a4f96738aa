// Before `npm test`: the packages, and the tools that the tests drive.
import { prepare } from './bootstrap.js';
import { prepareTestTools } from './test-tools.js';

if (prepare()) prepareTestTools();
