import { LINKERD_SCRIPTS } from '../linkerd/scripts-linkerd.js';
import { unmodelled } from '../unmodelled.js';
import type { World } from '../world.js';
import type { HostModel } from './host-model.js';
import { FILE_SCRIPTS } from './scripts-files.js';
import { HOST_SCRIPTS } from './scripts-host.js';
import { K3S_SCRIPTS } from './scripts-k3s.js';
import { KUBECONFIG_SCRIPTS } from './scripts-kubeconfigs.js';
import { NATS_SCRIPTS } from './scripts-nats.js';
import type { Reply } from './understood.js';

const ALL = [
  ...HOST_SCRIPTS,
  ...FILE_SCRIPTS,
  ...K3S_SCRIPTS,
  ...KUBECONFIG_SCRIPTS,
  ...NATS_SCRIPTS,
  ...LINKERD_SCRIPTS,
];

/** Characters of a strange script that are shown. */
const SHOWN = 300;

/** What the script prints on the host. */
export function respond(script: string, host: HostModel, world: World): Reply {
  for (const understood of ALL) {
    const reply = understood(script, host, world);
    if (reply !== undefined) return reply;
  }
  return unmodelled(`the script: ${script.trim().slice(0, SHOWN)}`);
}
