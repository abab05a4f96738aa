import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CONTAINER_SECURITY, POD_SECURITY } from '../../../src/domain/kubernetes/pods.js';
import { eventually, type SystemLab } from './system-lab.js';

const NAMESPACE = 'storage-test';
const STORAGE = '/var/lib/rancher/k3s/storage';

const namespace = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: NAMESPACE, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
};

const claim = (name: string, accessMode: string): object => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace: NAMESPACE },
  spec: { accessModes: [accessMode], resources: { requests: { storage: '8Mi' } } },
});

const writer = (image: string, claimName: string): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: claimName, namespace: NAMESPACE },
  spec: {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    securityContext: POD_SECURITY,
    containers: [
      {
        name: 'writer',
        image,
        imagePullPolicy: 'Never',
        command: ['sh', '-c', 'echo kept >/data/file'],
        securityContext: CONTAINER_SECURITY,
        volumeMounts: [{ name: 'data', mountPath: '/data' }],
      },
    ],
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }],
  },
});

/** Asks a K3s that is up for volumes, as pods without rights do. */
export function localStorage(lab: SystemLab): void {
  const lines = (script: string): string[] => lab.on('vm-a', script).split('\n').filter(Boolean);

  describe('storage of K3s', () => {
    beforeAll(() => {
      const [image = ''] =
        lines('k -n nats-system get deployment publisher -o jsonpath={..image}')[0]?.split(' ') ?? [];
      const claims = [claim('one', 'ReadWriteOnce'), claim('many', 'ReadWriteMany')];
      const objects = [namespace, ...claims, writer(image, 'one'), writer(image, 'many')];
      lab.on('vm-a', `k apply -f - <<'END'\n${objects.map((object) => JSON.stringify(object)).join('\n---\n')}\nEND`);
    }, 60_000);

    afterAll(() => {
      lab.on('vm-a', `k delete namespace ${NAMESPACE} --wait=false`);
    }, 60_000);

    test('a pod writes to a directory of the host', () => {
      const look = `cd ${STORAGE} && stat -c '%a' . && head pvc-*_${NAMESPACE}_one/file`;
      expect(
        lines(
          `set -e; k -n ${NAMESPACE} wait --for=jsonpath={.status.phase}=Succeeded --timeout=50s pod/one >/dev/null; ${look}`,
        ),
      ).toEqual(['700', 'kept']);
    }, 60_000);

    test('a claim for many writers is refused', async () => {
      const events = `k -n ${NAMESPACE} get events --field-selector involvedObject.name=many,reason=ProvisioningFailed -o name`;
      await eventually('an Event says so', () => lines(events).length > 0);
      expect(lines(`k -n ${NAMESPACE} get pvc many -o jsonpath={.status.phase}`)).toEqual(['Pending']);
    }, 60_000);

    test('a volume goes with its claim', async () => {
      lab.on('vm-a', `k -n ${NAMESPACE} delete pod,pvc --all --timeout=50s`);
      await eventually(
        'neither directory nor PersistentVolume is left',
        () => lines(`ls ${STORAGE}; k get pv -o name`).length === 0,
      );
    }, 120_000);
  });
}
