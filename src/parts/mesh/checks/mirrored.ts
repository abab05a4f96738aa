import type { Scope } from '../../../contract/topology/scope.js';
import { fail, pass } from '../../../domain/checks/verdict.js';
import { MULTICLUSTER_NAMESPACE } from '../../../domain/linkerd/names.js';
import { mirrorService } from '../../../domain/nats/names.js';
import { check, type Check } from '../../check.js';
import { kubernetesReady } from '../../host/k3s.js';
import { gatewayAddress, mirrorProblem, seeMirror, type MirrorSeen } from '../link/mirror.js';
import { pairOf } from './pair.js';

export function serviceIsMirrored(scope: Scope): Check {
  const hub = scope.settings.broker.name;
  const address = gatewayAddress(scope);
  return check<MirrorSeen>({
    id: 'service-mirrored',
    category: 'multicluster',
    subject: pairOf(scope),
    title: `${mirrorService(hub)} leads to the gateway`,
    severity: 'error',
    needs: [kubernetesReady(scope.cluster.name)],
    retry: { forSeconds: 180, everySeconds: 0.2 },
    confirms: { code: 'NOT_READY', look: `kubectl -n ${MULTICLUSTER_NAMESPACE} describe links` },
    probe: seeMirror,
    judge: (seen) => {
      const problem = mirrorProblem(seen, address);
      return problem === undefined ? pass(address) : fail(problem);
    },
  });
}
