import { test } from '@jest/globals';
import { claimFactsScript, releaseScript, writeClaimScript } from '../../../src/domain/hosts/claim.js';
import { inspectScript } from '../../../src/domain/hosts/inspect.js';
import { inventoryFactsScript, removeFilesScript } from '../../../src/domain/hosts/inventory.js';
import { reachScript } from '../../../src/domain/hosts/reach.js';
import { expectGolden } from '../../support/golden.js';

const claim = {
  topology: 'plant-7',
  cluster: 'cluster-a',
  installation: '0123456789abcdef',
  machine: 'fedcba9876543210',
  adopted: false,
};
const target = { address: '192.0.2.10', port: 30_722 };

test.each<[name: string, script: string]>([
  ['inspect', inspectScript([6443, 10_250], [target, { address: '192.0.2.10', port: 6443 }])],
  ['reach', reachScript(target)],
  ['claim-facts', claimFactsScript],
  ['claim-create', writeClaimScript(claim, 'create')],
  ['claim-replace', writeClaimScript(claim, 'replace')],
  ['claim-release', releaseScript],
  ['inventory-facts', inventoryFactsScript],
  ['remove-files', removeFilesScript(['/usr/local/bin/linkerd', "/usr/local/bin/it's"])],
])('a host gets this script: %s', (name, script) => {
  expectGolden(`scripts/hosts/${name}.sh`, script);
});
