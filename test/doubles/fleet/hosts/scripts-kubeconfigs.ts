import {
  loginKubeconfigFactsScript,
  writeLoginKubeconfigsScript,
  type LoginUser,
} from '../../../../src/domain/k3s/login-kubeconfigs.js';
import { built, lines, quotedIn, type Understood } from './understood.js';

const filesOf = (user: string): string[] => [
  ...['config', 'config-external'].map((name) => `/home/${user}/.kube/${name}`),
  '/usr/local/bin/kubectl',
];

function loginIn(script: string): LoginUser | undefined {
  const user = /^user='([^']+)'; home=/m.exec(script)?.[1];
  const [, externalAddress, cluster] = /#https:\/\/([^:]+):6443#' -e 's#: default\$#: (\S+)#'/.exec(script) ?? [];
  if (user === undefined || externalAddress === undefined || cluster === undefined) return undefined;
  return { user, cluster, externalAddress };
}

function writingIn(script: string): { login: LoginUser; paths: string[] } | undefined {
  const [login, files] = [loginIn(script), /^for file in '.*; do$/m.exec(script)?.[0]];
  return login === undefined || files === undefined ? undefined : { login, paths: quotedIn(files) };
}

/** The contents stay on the host, so nobody sees that they are none. */
export const KUBECONFIG_SCRIPTS: readonly Understood[] = [
  built(loginIn, loginKubeconfigFactsScript, ({ files }, { user = 'root' }) =>
    lines(...filesOf(user).map((path) => `${files.has(path) ? 'same' : 'absent'} ${path}`)),
  ),
  built(
    writingIn,
    ({ login, paths }) => writeLoginKubeconfigsScript(login, paths),
    (host, { paths }) => {
      for (const path of paths) host.write(path, '', '0600');
      return '';
    },
  ),
];
