import type { CheckResult } from '../../../src/contract/checks.js';
import { ensureBundle } from '../../../src/lab/bundle/bundle.js';
import { labDefaults } from '../../../src/lab/lab.js';
import { meshBundle } from '../../doubles/linkerd/bundle.js';
import { SystemLab, type Verification } from './system-lab.js';

/** A lab whose hosts can be linked by the double of Linkerd. */
export class MeshLab extends SystemLab {
  /** The command's own bundle, which it makes when it is not in the cache, with the double added. */
  override async up(): Promise<void> {
    const { cacheDir } = labDefaults(process.env);
    const { dir } = await ensureBundle({ cacheDir, report: () => undefined });
    await super.up('--bundle', await meshBundle(dir, cacheDir));
  }

  readonly address = (host: string): string => this.on(host, "hostname -I | tr ' ' '\\n' | grep '^172\\.30\\.'").trim();

  /** The lab's topology in link mode mesh, with some of its leaves. */
  mesh(
    exposure: 'loadBalancer' | 'nodePort',
    leaves = ['cluster-b'],
    accounts?: readonly object[],
    more: object = {},
  ): string {
    const { leaves: all, nats } = this.written();
    return this.topologyWith(`${exposure}-${leaves.join('-')}`, {
      leaves: all.filter(({ name }) => leaves.includes(name)),
      link: { mode: 'mesh', gateway: { exposure } },
      nats: { ...nats, publishEvery: '1s', ...(accounts === undefined ? {} : { accounts, demo: true }), ...more },
    });
  }

  /** The bundle that the lab's own topology names. */
  readonly bundle = (): string | undefined => this.written().artifacts?.bundle;
}

export const resultsOf = ({ clusters }: Verification): CheckResult[] => clusters.flatMap(({ results }) => results);

/** Those that do not hold, by id; a pair of clusters has each id once. */
export const failures = (checks: readonly CheckResult[]): Record<string, string> =>
  Object.fromEntries(
    checks.flatMap(({ id, verdict }) =>
      verdict.state === 'fail' ? [[id, `${verdict.because} ${verdict.saw ?? ''}`]] : [],
    ),
  );
