import type { KubernetesObject, V1Pod } from '@kubernetes/client-node';
import type { KubernetesCluster } from '../../../src/parts/ports.js';
import type { Host } from '../../../src/contract/topology/topology.js';
import { FakeCluster } from './kubernetes.js';
import type { ObjectRef } from '../../../src/domain/kubernetes/objects.js';

type Answer = string | Error;
const next = <T>(answers: T[]): T | undefined => (answers.length > 1 ? answers.shift() : answers[0]);
const settled = (answer: Answer): Promise<string> =>
  answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);

/** A cluster with pods as they are, selected by their app label, and with the life and the log of a pod that dials. */
export class MeshCluster extends FakeCluster {
  running: V1Pod[] = [];
  /** What the one dial pod's phase is in turn; the last one stays. */
  phases: Answer[] = [];
  /** What its log is in turn; the last one stays. */
  logs: Answer[] = [];
  /** Hosts whose API server was asked for. */
  readonly asked: string[] = [];
  /** Removals that find a leftover pod still there. */
  leftover = 0;

  override cluster(host: Host): Promise<KubernetesCluster> {
    this.asked.push(host.name);
    return super.cluster(host);
  }

  override pods(namespace: string, labelSelector: string): Promise<V1Pod[]> {
    const [, app = '', not, value] = /^(app)(!?)=([\w-]+)$/.exec(labelSelector) ?? [];
    if (app === '') return Promise.reject(new Error(`unscripted pods of ${labelSelector}`));
    return Promise.resolve(
      this.running.filter(
        ({ metadata }) => metadata?.namespace === namespace && (metadata.labels?.['app'] === value) === (not === ''),
      ),
    );
  }

  override async read<T extends KubernetesObject>(ref: ObjectRef): Promise<T | undefined> {
    if (ref.kind !== 'Pod') return super.read<T>(ref);
    const phase = next(this.phases);
    return phase === undefined ? undefined : ({ status: { phase: await settled(phase) } } as unknown as T);
  }

  override podLogs(_namespace: string, pod: string): Promise<string> {
    const log = next(this.logs);
    return log === undefined ? Promise.reject(new Error(`unscripted log of ${pod}`)) : settled(log);
  }

  override async remove(ref: ObjectRef): Promise<boolean> {
    if (this.leftover === 0) return super.remove(ref);
    this.leftover -= 1;
    this.changes.push(`removes a leftover ${ref.metadata.name}`);
    return true;
  }
}
