import { claimFactsScript } from '../../../src/domain/hosts/claim.js';
import { apiStateScript } from '../../../src/domain/k3s/api-state.js';
import { BUNDLE } from '../bundle.js';
import { FakeBundles } from '../fakes/bundles.js';
import { fakePorts, type FakePorts } from '../fakes/ports.js';
import type { FakeSecrets } from '../fakes/secrets.js';

/** A host that is ours and whose API server responds; no file of ours is on it, and its cluster is empty. */
export function claimedHost(secrets: FakeSecrets, changes: Partial<FakePorts> = {}): FakePorts {
  const ports = fakePorts({ secrets, bundles: new FakeBundles(BUNDLE), ...changes });
  ports.kubernetes.onGet('/readyz', 200, 'ok');
  ports.hosts
    .on(claimFactsScript, 'claim={"topology":"plant-7","adopted":false}\n')
    .on(apiStateScript, 'installed\nactive\nkubeconfig\n')
    .on(/whose=ours/)
    .on(/^echo "[0-9a-f]{64} /)
    .on(/^grep -qsxF/);
  return ports;
}
