import { SHA256_FUNCTION } from '../hosts/checksum.js';
import { BEFORE_DIRECTORY, K3S_BINARY, K3S_KUBECONFIG, KUBECONFIG_RECORD } from '../hosts/paths.js';
import { quote } from '../hosts/quote.js';

/** Whose kubeconfigs they are, and under which name and address the cluster is reached. */
export interface LoginUser {
  /** Absent: the one who logs in. */
  user?: string;
  cluster: string;
  externalAddress: string;
}

/** Where K3s links its kubectl. That reads root's kubeconfig alone while there is one, so the link makes way for a script. */
const KUBECTL = '/usr/local/bin/kubectl';

const KUBECTL_SCRIPT = `#!/bin/sh
# written by leafspan: the kubectl of K3s takes ${K3S_KUBECONFIG} only, which others than root may not read
if [ -z "$KUBECONFIG" ] && [ ! -r ${K3S_KUBECONFIG} ]; then export KUBECONFIG="$HOME/.kube/config"; fi
exec ${K3S_BINARY} kubectl "$@"`;

const WHO_LOGGED_IN = `\${SUDO_USER:-root}`;

/**
 * ~/.kube/config (loopback address) and ~/.kube/config-external (external address, context named after the cluster), and a
 * kubectl that reads them. A file is ours when it has what leafspan wrote: the user's own, and ours with the user's edits,
 * are never touched, nor is the link of a K3s that was there before or a kubectl elsewhere. The contents never leave the host.
 */
const functions = ({ user, cluster, externalAddress }: LoginUser): string => `
${SHA256_FUNCTION}
user=${user === undefined ? WHO_LOGGED_IN : quote(user)}; home=$(getent passwd "$user" | cut -d: -f6)
[ -d "$home" ] || { echo "$user has no home directory" >&2; exit 1; }
files=("$home/.kube/config" "$home/.kube/config-external" ${KUBECTL})
wanted() {
  case $1 in ${KUBECTL}) printf '%s\\n' ${quote(KUBECTL_SCRIPT)}; return ;; esac
  echo '# written by leafspan'
  case $1 in
    */config) cat ${K3S_KUBECONFIG} ;;
    *) sed -e 's#https://127.0.0.1:6443#https://${externalAddress}:6443#' -e 's#: default$#: ${cluster}#' ${K3S_KUBECONFIG} ;;
  esac
}
current() { [ -s ${K3S_KUBECONFIG} ] && cmp -s <(wanted "$1") "$1"; }
ours() { [ -f "$1" ] && { current "$1" || grep -qsxF "file $(sha256 < "$1") $1" ${KUBECONFIG_RECORD}; }; }
missing() { [ ! -e "$1" ] && [ ! -L "$1" ]; }
linked() { [ "$(readlink "$1")" = k3s ] && [ -e ${BEFORE_DIRECTORY}/paths ]; }
access() { if [ "$1" = ${KUBECTL} ]; then echo "755 $(id -un)"; else echo "600 $user"; fi; }
state() {
  if [ "$1" = ${KUBECTL} ] && missing "$1" && command -v kubectl >/dev/null; then echo theirs
  elif missing "$1" || linked "$1"; then echo absent
  elif ! ours "$1"; then echo theirs
  elif ! current "$1"; then echo stale
  elif [ "$(stat -c '%a %U' "$1")" != "$(access "$1")" ]; then echo mode
  else echo same
  fi
}`;

/** Prints `<state> <path>` for each of the files. Changes nothing. */
export const loginKubeconfigFactsScript = (login: LoginUser): string => `${functions(login)}
for file in "\${files[@]}"; do echo "$(state "$file") $file"; done
`;

const STATES = ['absent', 'theirs', 'stale', 'mode', 'same'] as const;

export interface KubeconfigSeen {
  state: (typeof STATES)[number];
  path: string;
}

export const parseLoginKubeconfigs = (output: string): KubeconfigSeen[] =>
  output.split('\n').flatMap((line) => {
    const at = line.indexOf(' ');
    const state = STATES.find((known) => known === line.slice(0, at));
    return state === undefined ? [] : [{ state, path: line.slice(at + 1) }];
  });

/** Writes the files, each into the record first, so that an interrupted attempt still knows its own. */
export const writeLoginKubeconfigsScript = (login: LoginUser, paths: readonly string[]): string => `${functions(login)}
umask 077; group=$(id -gn "$user")
if [ ! -d "$home/.kube" ]; then
  echo "directory $home/.kube" >> ${KUBECONFIG_RECORD}
  install -d -m 0700 -o "$user" -g "$group" "$home/.kube"
fi
for file in ${paths.map(quote).join(' ')}; do
  case $(state "$file") in theirs|same) continue ;; esac
  rm -f "$file".leafspan-*
  part=$(mktemp "$file.leafspan-XXXXXX")
  wanted "$file" > "$part"
  if [ "$file" = ${KUBECTL} ]; then chmod 0755 "$part"; else chown "$user:$group" "$part"; fi
  echo "file $(sha256 < "$part") $file" >> ${KUBECONFIG_RECORD}
  mv -f "$part" "$file"
done
`;

/** Prints the files that are ours, and the directory when leafspan made it and only kubectl's cache would be left. */
export const loginKubeconfigRemainsScript = (login: LoginUser): string => `${functions(login)}
for file in "\${files[@]}"; do if ours "$file"; then echo "$file"; fi; done
if [ -d "$home/.kube" ] && grep -qsxF "directory $home/.kube" ${KUBECONFIG_RECORD}; then
  others=no
  while read -r -d '' entry; do
    ours "$entry" || others=yes
  done < <(find "$home/.kube" -mindepth 1 -maxdepth 1 ! -name cache -print0)
  if [ $others = no ]; then echo "$home/.kube"; fi
fi
`;

/** Removes what the script above printed. */
export const removeLoginKubeconfigsScript = (login: LoginUser, paths: readonly string[]): string => `${functions(login)}
for path in ${paths.map(quote).join(' ')}; do
  if [ -d "$path" ]; then rm -rf "$path/cache"; rmdir "$path"
  elif ours "$path"; then rm -f "$path"
  fi
done
`;
