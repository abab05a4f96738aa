import type { Step } from '../../contract/plan.js';
import { given } from '../../contract/topology/given.js';
import { hostOf } from '../../contract/topology/scope.js';
import {
  loginKubeconfigFactsScript,
  loginKubeconfigRemainsScript,
  parseLoginKubeconfigs,
  removeLoginKubeconfigsScript,
  writeLoginKubeconfigsScript,
  type KubeconfigSeen,
  type LoginUser,
} from '../../domain/k3s/login-kubeconfigs.js';
import { part } from '../part.js';
import { isAdopted } from './claim.js';
import { seeK3s } from './k3s-certificates.js';

interface Facts {
  files: KubeconfigSeen[];
  /** K3s is about to be restarted for its certificates, which are in these files. */
  ending: boolean;
  /** What is ours, the files first; looked up for a removal only. */
  there: string[];
}

/** Beside them there is a kubectl that reads them. */
const KUBECONFIG = /\/\.kube\/[^/]+$/;

const BECAUSE = {
  absent: 'it is not there',
  stale: 'it differs from the one that K3s wrote',
  mode: 'its owner or mode differs',
} as const;

/** Kubeconfigs for the login user, so that kubectl works on the host. Files of the user's own stay as they are. */
export const kubeconfigs = part({
  name: 'kubeconfigs',
  title: 'write kubeconfigs',
  phase: 'clusters',
  needs: ['k3s'],
  livesIn: 'host',

  wanted: (scope): LoginUser => {
    const { ssh, externalAddress } = hostOf(scope);
    return { ...given({ user: ssh.user }), cluster: scope.cluster.name, externalAddress };
  },

  look: async (site, login, goal): Promise<Facts> => {
    if (goal === 'present') {
      const [printed, { due }] = await Promise.all([site.look(loginKubeconfigFactsScript(login)), seeK3s(site)]);
      const ending = due !== undefined && !(await isAdopted(site));
      return { files: parseLoginKubeconfigs(printed), ending, there: [] };
    }
    const printed = await site.print(loginKubeconfigRemainsScript(login));
    return { files: [], ending: false, there: printed.split('\n').filter((line) => line !== '') };
  },

  decide: ({ files, ending }) =>
    files.flatMap(({ state, path }): Step[] => {
      if (state === 'theirs') return [];
      if (state !== 'same')
        return [{ verb: state === 'absent' ? 'create' : 'change', object: path, because: BECAUSE[state] }];
      return ending && KUBECONFIG.test(path)
        ? [{ verb: 'change', object: path, because: 'K3s renews the certificate that it has' }]
        : [];
    }),

  renew: (steps) => steps.filter(({ verb }) => verb === 'change'),

  undo: ({ there }) => there.map((object) => ({ verb: 'delete', object, because: 'leafspan made it' })),

  act: async (site, steps, _seen, login) => {
    const paths = (deleted: boolean): string[] =>
      steps.filter(({ verb }) => (verb === 'delete') === deleted).map(({ object }) => object);
    const [written, removed] = [paths(false), paths(true)];
    if (written.length > 0) await site.run(writeLoginKubeconfigsScript(login, written), { failFast: true });
    if (removed.length > 0) await site.run(removeLoginKubeconfigsScript(login, removed), { failFast: true });
  },
});
