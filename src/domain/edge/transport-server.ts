import type { KubernetesObject } from '@kubernetes/client-node';

/** As far as it is read. */
export interface TransportServerSeen extends KubernetesObject {
  status?: { state?: string; reason?: string; message?: string };
}

/** undefined: the controller has taken it. What it says first, at each of its starts, is a rejection that passes. */
export function routeState(name: string, seen: TransportServerSeen | undefined): string | undefined {
  if (seen === undefined) return `TransportServer ${name} is not there`;
  const { state = '', message = '' } = seen.status ?? {};
  if (state === 'Valid') return undefined;
  return state === ''
    ? `the controller has not looked at TransportServer ${name} yet`
    : `TransportServer ${name} is ${state}: ${message.trim()}`;
}
