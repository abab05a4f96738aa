import { kubectlExec } from '../nats/pod-exec.js';
import { mirrorHost, NATS_PORTS } from '../nats/names.js';
import { PROGRAM_CONTAINER } from '../nats/objects/programs.js';

/** A client in the mesh gets an answer within milliseconds. */
const SECONDS = 3;

/**
 * A NATS client in the subscriber's pod dials the mirrored Service without the certificate that the pod has, and says how
 * far it came. A pod of its own would take 3 s to be meshed.
 */
export const clientDialScript = (broker: string): string => `
heard=$(${kubectlExec('deploy/subscriber', PROGRAM_CONTAINER)} nats --no-context --server tls://${mirrorHost(broker)}:${NATS_PORTS.leaf} \\
  --tlsca /certs/ca.crt --timeout ${SECONDS}s rtt 2>&1) || true
printf '%s' "$heard" | tr '\\n' ' '
`;
