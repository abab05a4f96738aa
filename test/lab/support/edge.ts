import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import type { MeshLab } from './mesh-lab.js';
import { outsideClient } from './outside-client.js';
import { ALL_PASS, NOTHING } from './system-lab.js';

/** NGINX takes the ports over from the running system's node ports, and gives them back. */
export function edge(lab: MeshLab, withNats: (nats: object) => string): void {
  const certificates = mkdtempSync(join(tmpdir(), 'leafspan-edge-'));
  afterAll(() => rmSync(certificates, { recursive: true }));

  test('NGINX takes the edge over and gives it back: a client outside that connects again loses no message', async () => {
    await lab.cli.mustRun('certs', 'export', lab.name, '--out', certificates);
    const nginx = withNats({ edge: 'nginx', monitoring: { allow: ['vm-a', 'vm-b'].map(lab.address) } });
    const before = await outsideClient(lab, certificates, 'before');
    expect(await lab.provision(nginx)).toMatchObject({ state: 'done', checks: ALL_PASS });
    expect(await lab.provision(nginx)).toMatchObject({ changed: NOTHING, checks: ALL_PASS });
    // A connection at a node port stays open; this one is at NGINX, and has to go.
    const since = await outsideClient(lab, certificates, 'since');
    await since.heard;
    const monitoring = `https://${lab.address('vm-a')}:30443/varz`;
    const statusOf = `curl -sk -o /dev/null -w '%{http_code}' ${monitoring}`;
    // The broker's own host comes from the network of its pods.
    expect(['vm-b', 'vm-a'].map((host) => lab.on(host, statusOf))).toEqual(['200', '403']);
    expect(await lab.provision(withNats({ edge: 'nodePort' }))).toMatchObject({ state: 'done', checks: ALL_PASS });
    expect(await before.finish()).toMatchObject({ lost: [] });
    expect(await since.finish()).toEqual({ lost: [], reconnected: true });
    expect(lab.on('vm-a', 'k get namespaces,customresourcedefinitions -o name')).not.toContain('nginx');
  }, 600_000);
}
