import { test } from '@jest/globals';
import {
  brokerConfScript,
  certificatesInPodScript,
  nudgeForCertificatesScript,
  nudgeScript,
  reloadScript,
  reloadScriptOf,
} from '../../../src/domain/nats/reload.js';
import { expectGolden } from '../../support/golden.js';

test.each<[name: string, script: string]>([
  ['broker-conf', brokerConfScript],
  ['nudge', nudgeScript('5f'.repeat(32))],
  ['reload', reloadScript],
  ['reload-leaf', reloadScriptOf('nats-leaf')],
  ['certificates-broker', certificatesInPodScript('nats-broker')],
  ['certificates-leaf', certificatesInPodScript('nats-leaf')],
  ['nudge-certificates', nudgeForCertificatesScript('nats-leaf', '5f'.repeat(32))],
])('a host gets this script for NATS: %s', (name, script) => {
  expectGolden(`scripts/nats/${name}.sh`, script);
});
