import { test } from '@jest/globals';
import { brokerConfScript, nudgeScript, reloadScript } from '../../../src/domain/nats/reload.js';
import { expectGolden } from '../../support/golden.js';

test.each<[name: string, script: string]>([
  ['broker-conf', brokerConfScript],
  ['nudge', nudgeScript('5f'.repeat(32))],
  ['reload', reloadScript],
])('a host gets this script for NATS: %s', (name, script) => {
  expectGolden(`scripts/nats/${name}.sh`, script);
});
