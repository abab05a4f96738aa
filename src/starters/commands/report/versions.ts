import type { Topology } from '../../../contract/topology/topology.js';
import type { ReportedCheck, Version } from '../../../report/report.js';

/** What the topology asks for, and of K3s what each node says that it is. */
export function versionsOf({ k3s, nats, linkerd, link }: Topology, checks: readonly ReportedCheck[]): Version[] {
  return [
    { component: 'K3s', wanted: k3s.version, seen: nodeVersions(checks) },
    { component: 'NATS server', wanted: nats.images.server },
    { component: 'NATS programs', wanted: nats.images.box },
    ...(link.mode === 'mesh' ? [{ component: 'Linkerd', wanted: linkerd.version }] : []),
  ];
}

function nodeVersions(checks: readonly ReportedCheck[]): { version: string; clusters: string[] }[] {
  const clusters = new Map<string, string[]>();
  for (const { id, cluster, verdict } of checks) {
    if (id !== 'node-ready' || verdict.state !== 'pass' || verdict.note === undefined) continue;
    clusters.set(verdict.note, [...(clusters.get(verdict.note) ?? []), cluster]);
  }
  return [...clusters].map(([version, names]) => ({ version, clusters: names }));
}
