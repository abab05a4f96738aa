import type { Scope } from '../../contract/topology/scope.js';
import { mirrorController as controllerOf, MULTICLUSTER_NAMESPACE } from '../../domain/linkerd/names.js';
import { part } from '../part.js';
import { actOnRendered } from '../objects/rendered-apply.js';
import { decideRendered, seeRendered, undoRendered, type RenderedPart } from '../objects/rendered.js';
import { serviceIsMirrored } from './checks/mirrored.js';
import { availability } from '../objects/availability.js';
import { extensionPart, isDeployment } from './extension.js';
import { controlPlaneAvailable } from './checks/linkerd.js';
import { localMirrorAvailable } from './checks/local-mirror.js';

/** Mirrors the hub's exported Services into a leaf cluster, as the Link says. */
export const mirrorController = part({
  name: 'mirror-controller',
  title: 'run the mirror controller',
  phase: 'link',
  needs: ['linkerd', 'multicluster', 'images'],
  livesIn: 'cluster',
  wanted: (scope: Scope): RenderedPart =>
    extensionPart(scope, {
      name: 'mirror-controller',
      title: 'mirror controller',
      inputs: { hub: scope.settings.broker.name },
      has: isDeployment,
    }),
  look: (site, wanted: RenderedPart) => seeRendered(site, wanted),
  decide: decideRendered,
  undo: undoRendered,
  act: actOnRendered,
  checks: (scope) => [
    availability(
      {
        id: 'mirror-controller-available',
        category: 'multicluster',
        subject: scope.cluster.name,
        title: 'the mirror controller is available',
        needs: [controlPlaneAvailable(scope.cluster.name)],
      },
      MULTICLUSTER_NAMESPACE,
      [controllerOf(scope.settings.broker.name)],
    ),
    localMirrorAvailable(scope.cluster.name),
    serviceIsMirrored(scope),
  ],
});
