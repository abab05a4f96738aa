import type { EntryState } from '../../src/contract/status.js';
import { clustersOf, serverOf, type Topology } from '../../src/contract/topology/topology.js';
import { diagnose } from '../../src/domain/diagnosis/diagnose.js';
import { openingsOf } from '../../src/domain/hosts/firewall/openings.js';
import type { Bar, BarGroup, Report, ReportedCertificate } from '../../src/report/report.js';
import { seenOf, type Failing } from './doctor/seen.js';

export const MADE_AT = Date.parse('2026-11-27T12:00:00Z');
const DAY_MS = 86_400_000;

/** The page's data for a system in which these checks fail. */
export function reportOf(topology: Topology, failing: Failing = {}, changes: Partial<Report> = {}): Report {
  const checks = seenOf(topology, failing);
  return {
    topology: topology.name,
    version: '0.1.0',
    madeAt: MADE_AT,
    link: topology.link.mode,
    clusters: clustersOf(topology).map((cluster) => {
      const { name: host, externalAddress: address } = serverOf(cluster);
      return { name: cluster.name, role: cluster.role, host, address };
    }),
    checks: checks.map((check) =>
      check.id === 'leaf-linked' && check.verdict.state === 'pass'
        ? { ...check, verdict: { state: 'pass', note: 'round trip 1.204567ms' } }
        : check,
    ),
    causes: diagnose(checks, topology.broker.name).causes.map(({ check, isWarning, explains }) => ({
      subject: check.subject,
      label: 'Cause',
      isWarning,
      because: check.verdict.state === 'fail' ? check.verdict.because : check.title,
      explains: explains.length,
      remedy: `on ${check.subject}, repair it`,
      command: 'ssh ubuntu@192.0.2.10 uptime',
      docs: check.docs,
    })),
    certificates: certificatesOf(topology),
    run: { id: `provision-${topology.name}`, state: 'done', groups: groupsOf(topology) },
    versions: [
      { component: 'K3s', wanted: 'v1.36.3+k3s1', seen: [{ version: 'v1.36.3+k3s1', clusters: ['cluster-a'] }] },
    ],
    firewall: openingsOf(topology),
    unasked: [],
    ...changes,
  };
}

const certificate = (name: string, days: number): ReportedCertificate => ({
  name,
  commonName: name.replace(/.*\/|\.crt/g, ''),
  notAfter: MADE_AT + days * DAY_MS + 3_600_000,
  fingerprint: 'ab12cd34'.repeat(8),
});

const K3S = [
  'client-admin',
  'client-auth-proxy',
  'client-controller',
  'client-k3s-controller',
  'client-kube-apiserver',
];
const MORE_OF_K3S = ['client-kube-proxy', 'client-kubelet', 'client-scheduler', 'serving-kube-apiserver'];

const certificatesOf = (topology: Topology): ReportedCertificate[] => [
  ...['ca', 'broker/server', 'clients/probe', 'clients/publisher', 'clients/subscriber', 'clients/sys'].map((name) =>
    certificate(`nats/${name}.crt`, name === 'ca' ? 3_649 : 364),
  ),
  ...topology.leaves.flatMap(({ name }) => [
    certificate(`nats/clients/leaf-${name}.crt`, 41),
    certificate(`nats/leaf/server-${name}.crt`, 364),
  ]),
  ...clustersOf(topology).flatMap(({ name }) => [
    ...[...K3S, ...MORE_OF_K3S].map((file) => certificate(`${name}/k3s/server/tls/${file}.crt`, 364)),
    ...['client-ca', 'request-header-ca', 'server-ca'].map((file) =>
      certificate(`${name}/k3s/server/tls/${file}.crt`, 3_649),
    ),
  ]),
];

const bar = (title: string, fromS: number, tookS: number, state: EntryState = 'done'): Bar => ({
  ...{ title, state, changed: 2 },
  startedAt: MADE_AT - 60_000 + fromS * 1_000,
  endedAt: MADE_AT - 60_000 + (fromS + tookS) * 1_000,
});

const groupsOf = (topology: Topology): BarGroup[] => [
  { title: 'Phases', bars: [bar('preflight: look at every host and make the plan', 0, 0.8), bar('verify', 14, 3)] },
  ...(topology.leaves.length > 10
    ? [{ title: 'Leaves', bars: topology.leaves.map(({ name }, index) => bar(name, index % 20, 9 + (index % 7))) }]
    : clustersOf(topology).map((cluster) => ({
        title: `${cluster.name} on ${serverOf(cluster).name}`,
        bars: [bar('issue certificates', 0.8, 0.2), bar('install and start K3s', 1.1, 6.8), bar('ship images', 1.2, 6)],
      }))),
];
