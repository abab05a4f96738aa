import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { hubScope } from '../../../src/contract/topology/scope.js';
import { kubeconfigs } from '../../../src/parts/host/kubeconfigs.js';
import { BashHosts } from '../fakes/bash-hosts.js';
import { fakePorts } from '../fakes/ports.js';
import { hostNamed, twoClusters } from '../topologies.js';
import { siteOf } from './site.js';

const host = hostNamed('vm-a', 'cluster-a', '192.0.2.10');
const scope = hubScope(
  twoClusters({
    broker: {
      name: 'cluster-a',
      role: 'broker',
      hosts: [{ ...host, ssh: { ...host.ssh, user: userInfo().username } }],
    },
  }),
);

export const K3S = 'server: https://127.0.0.1:6443\nname: default\ncurrent-context: default\n';

/** Where K3s links its kubectl. */
export const KUBECTL = '/usr/local/bin/kubectl';

/** The part of the kubeconfigs in a real bash, on a host with a K3s; the login user's home is in a temporary directory. */
export class LoginHost {
  readonly root = mkdtempSync(join(tmpdir(), 'leafspan-kubeconfigs-'));
  readonly hosts = new BashHosts(this.root);

  constructor() {
    // The machine that runs the tests may have a kubectl.
    this.hosts.before = `getent() { echo "$2:x:0:0::${this.root}/home:/bin/bash"; }
command() { [ "$2" != kubectl ] && builtin command "$@"; }\n`;
    mkdirSync(this.at('/home'));
    this.put('/var/lib/leafspan/before/paths', '');
    this.put('/usr/local/bin/k3s', '#!/bin/sh\necho "k3s $* reads ${KUBECONFIG:-what it likes}"\n');
    chmodSync(this.at('/usr/local/bin/k3s'), 0o755);
    symlinkSync('k3s', this.at(KUBECTL));
    this.put('/etc/rancher/k3s/k3s.yaml', K3S);
  }

  readonly at = (path: string): string => join(this.root, path);

  readonly put = (path: string, text: string): void => {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    writeFileSync(this.at(path), text);
  };

  readonly read = (path: string): string => readFileSync(this.at(path), 'utf8');

  readonly inHome = (): string[] => readdirSync(this.at('/home'), { recursive: true, encoding: 'utf8' }).sort();

  readonly see = () => kubeconfigs.see(siteOf(fakePorts({ hosts: this.hosts }), scope));

  readonly ensure = async (): Promise<string[]> => {
    const { steps, act } = await this.see();
    await act(steps);
    return steps.map(({ verb, object, because }) => `${verb} ${object}, because ${because}`);
  };

  readonly remove = async (): Promise<string[]> => {
    const { steps, act } = await kubeconfigs.seeForRemoval(siteOf(fakePorts({ hosts: this.hosts }), scope));
    await act(steps);
    return steps.map(({ object }) => object);
  };

  readonly drop = (): void => rmSync(this.root, { recursive: true });
}
