import { messageOf } from '../../../contract/caught.js';
import { clustersOf, serverOf, type Topology } from '../../../contract/topology/topology.js';
import { diagnose, type Cause } from '../../../domain/diagnosis/diagnose.js';
import type { Patient } from '../../../domain/diagnosis/examined.js';
import { remedyFor } from '../../../domain/diagnosis/remedies.js';
import { openingsOf } from '../../../domain/hosts/firewall/openings.js';
import type { Report, ReportedCause, ReportedCertificate, ReportedCheck, Unasked } from '../../../report/report.js';
import type { Context } from '../../context.js';
import { commandLine } from '../../invocation.js';
import { version } from '../../program/version.js';
import type { Choice } from '../../topologies/choose.js';
import { seeCertificates } from '../certs/all.js';
import { look } from '../doctor/look.js';
import { Interrupted } from '../../io.js';
import { lastRun } from './last-run.js';
import { versionsOf } from './versions.js';

/** Everything that the page shows. What fails leaves a gap that has a name. */
export async function collect(context: Context, choice: Choice, topology: Topology): Promise<Report> {
  const gaps = new Gaps();
  const [seen = { checks: [], causes: [] }, run] = await Promise.all([
    gaps.or('the checks', look(context, topology, { only: undefined, surroundings: false }).then(examined)),
    gaps.or('the last run', lastRun(context, topology)),
  ]);
  const certificates = await gaps.or('the certificates', certificatesOf(context, choice, topology, seen.checks));
  const report = {
    topology: topology.name,
    version: version(),
    madeAt: Date.now(),
    link: topology.link.mode,
    clusters: clustersOf(topology).map((cluster) => {
      const { name: host, externalAddress: address } = serverOf(cluster);
      return { name: cluster.name, role: cluster.role, host, address };
    }),
    ...seen,
    certificates: certificates?.seen ?? [],
    versions: versionsOf(topology, seen.checks),
    firewall: openingsOf(topology),
    unasked: [...gaps.found, ...(certificates?.unasked ?? [])],
  };
  return run === undefined ? report : { ...report, run };
}

/** What could not be had, and why. */
class Gaps {
  readonly found: Unasked[] = [];

  async or<T>(what: string, asked: Promise<T>): Promise<T | undefined> {
    try {
      return await asked;
    } catch (error) {
      if (error instanceof Interrupted) throw error;
      this.found.push({ what, because: messageOf(error) });
      return undefined;
    }
  }
}

type Look = Awaited<ReturnType<typeof look>>;

function examined({ sighting: { patient, checks } }: Look): Pick<Report, 'checks' | 'causes'> {
  const { causes } = diagnose(checks, patient.hub);
  return {
    checks: checks.map(({ id, category, subject, title, severity, verdict, docs, cluster, silent }) => {
      const check: ReportedCheck = { id, category, subject, title, severity, verdict, docs, cluster };
      return silent === undefined ? check : { ...check, silent };
    }),
    causes: causes.map((cause) => causeOf(cause, patient)),
  };
}

const LABELS = { certain: 'Cause', likely: 'Likely cause', unclear: 'Lowest of what fails' } as const;

function causeOf({ check, certainty, explains, isWarning }: Cause, patient: Patient): ReportedCause {
  const { subject, verdict, docs, title } = check;
  const { say, leafspan, shell } = remedyFor(check, patient);
  const command = leafspan === undefined ? shell : commandLine(leafspan);
  return {
    subject,
    label: isWarning ? 'Warning' : LABELS[certainty],
    isWarning,
    because: verdict.state === 'pass' ? title : verdict.because,
    explains: explains.length,
    remedy: say,
    docs,
    ...(verdict.state === 'fail' && verdict.saw !== undefined ? { saw: verdict.saw } : {}),
    ...(command === undefined ? {} : { command }),
  };
}

/** A host that did not respond to the checks is not waited for again. */
async function certificatesOf(
  context: Context,
  choice: Choice,
  topology: Topology,
  checks: readonly ReportedCheck[],
): Promise<{ seen: ReportedCertificate[]; unasked: Unasked[] }> {
  const responds = new Set(
    checks
      .filter(({ id, verdict }) => id === 'host-responds' && verdict.state === 'pass')
      .map(({ cluster }) => cluster),
  );
  const { certificates, failures } = await seeCertificates(context, choice, { stored: false, clusters: responds });
  const silent = clustersOf(topology).filter(({ name }) => !responds.has(name));
  return {
    seen: certificates.map(({ name, commonName, notAfter, fingerprint }) => ({
      ...{ name, commonName, fingerprint },
      notAfter: Date.parse(notAfter),
    })),
    unasked: [
      ...silent.map((cluster) => ({ host: serverOf(cluster).name, because: 'the host does not respond' })),
      ...failures,
    ].map(({ host, because }) => ({ what: `the certificates that ${host} itself has`, because })),
  };
}
