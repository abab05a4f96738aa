import { test } from '@jest/globals';
import { fileFactsScript, inventoryScript } from '../../../src/domain/artifacts/placement.js';
import {
  checksumListsScript,
  downloadScript,
  gatewayApiDownloads,
  k3sDownloads,
  linkerdDownloads,
  printPinnedScript,
} from '../../../src/domain/artifacts/releases.js';
import { toolDownloads } from '../../../src/domain/artifacts/tools.js';
import { commandsElsewhereScript, unpackScript } from '../../../src/domain/artifacts/unpack.js';
import { expectGolden } from '../../support/golden.js';
import { twoClusters } from '../../support/topologies.js';

const { k3s, linkerd } = twoClusters();
const paths = ['/usr/local/bin/k3s', '/usr/local/bin/linkerd'];
const downloads = (arch: string, mirror?: string): string =>
  [...k3sDownloads(k3s.version, arch, mirror), ...linkerdDownloads(linkerd.version, arch, mirror)]
    .map(downloadScript)
    .join('\n');

test.each<[name: string, script: string]>([
  ['file-facts', fileFactsScript(paths)],
  ['inventory', inventoryScript(paths)],
  ['download-amd64', downloads('amd64')],
  ['download-arm64-from-a-mirror', downloads('arm64', 'https://mirror.example.org/')],
  ['checksum-lists', checksumListsScript(k3sDownloads(k3s.version, 'amd64').map(({ sums }) => sums.url))],
  [
    'unpack-amd64',
    toolDownloads('amd64')
      .map((tool) => unpackScript(tool))
      .join('\n'),
  ],
  ['commands-elsewhere', commandsElsewhereScript(['helm', 'nats'], '/usr/local/bin')],
  ['print-gateway-api', printPinnedScript(gatewayApiDownloads())],
])('a host gets this script for artifacts: %s', (name, script) => {
  expectGolden(`scripts/artifacts/${name}.sh`, script);
});
