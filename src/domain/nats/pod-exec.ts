import { HOST_DIRECTORY } from '../hosts/paths.js';
import { NATS_NAMESPACE } from './names.js';

/** Its cache goes where teardown finds it, and not into root's home. */
export const NATS_KUBECTL = `/usr/local/bin/k3s kubectl --cache-dir ${HOST_DIRECTORY}/kubectl -n ${NATS_NAMESPACE}`;

/** Begins a command in a container of a NATS pod, from the host. @param workload such as `nats-broker-0`, `deploy/subscriber` */
export const kubectlExec = (workload: string, container: string): string =>
  `${NATS_KUBECTL} exec ${workload} -c ${container} --`;
