import { test } from '@jest/globals';
import {
  confScript,
  certificatesInPodScript,
  nudgeForCertificatesScript,
  nudgeScript,
  reloadScript,
} from '../../../src/domain/nats/reload.js';
import { expectGolden } from '../../support/golden.js';

test.each<[name: string, script: string]>([
  ['broker-conf', confScript('nats-broker')],
  ['nudge', nudgeScript('nats-broker', '5f'.repeat(32))],
  ['reload', reloadScript('nats-broker')],
  ['reload-leaf', reloadScript('nats-leaf')],
  ['certificates-broker', certificatesInPodScript('nats-broker')],
  ['certificates-leaf', certificatesInPodScript('nats-leaf')],
  ['nudge-certificates', nudgeForCertificatesScript('nats-leaf', '5f'.repeat(32))],
])('a host gets this script for NATS: %s', (name, script) => {
  expectGolden(`scripts/nats/${name}.sh`, script);
});
