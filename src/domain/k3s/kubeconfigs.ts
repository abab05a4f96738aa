import { K3S_KUBECONFIG } from '../hosts/paths.js';

/**
 * Writes ~/.kube/config (loopback address) and ~/.kube/config-external (external address, context named after the
 * cluster) for the login user. The contents never leave the host. Prints the files that changed. A config of somebody
 * else is kept aside as config.before-leafspan.
 */
export const kubeconfigScript = (user: string, cluster: string, externalAddress: string): string => `
home=$(getent passwd '${user}' | cut -d: -f6); group=$(id -gn '${user}')
install -d -m 0700 -o '${user}' -g "$group" "$home/.kube"
put() {
  [ -f "$2" ] && cmp -s "$1" "$2" && [ "$(stat -c '%a %U' "$2")" = '600 ${user}' ] && return 0
  if [ -f "$2" ] && ! grep -qx '# written by leafspan' "$2" && [ ! -e "$2.before-leafspan" ]; then mv "$2" "$2.before-leafspan"; fi
  install -m 0600 -o '${user}' -g "$group" "$1" "$2.part"; mv -f "$2.part" "$2"; echo "$2"
}
umask 077; work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
{ echo '# written by leafspan'; cat ${K3S_KUBECONFIG}; } > "$work/config"
sed -e 's#https://127.0.0.1:6443#https://${externalAddress}:6443#' -e 's#: default$#: ${cluster}#' "$work/config" > "$work/external"
put "$work/config" "$home/.kube/config"
put "$work/external" "$home/.kube/config-external"
`;

/**
 * The same rewriting for a kubeconfig that a person asks for on the machine that runs leafspan. K3s calls cluster, user
 * and context all "default"; merged files of two clusters would collide.
 */
export const externalKubeconfig = (kubeconfig: string, cluster: string, address: string): string =>
  kubeconfig.replaceAll('https://127.0.0.1:6443', `https://${address}:6443`).replaceAll(/: default$/gm, `: ${cluster}`);

/** Undoes kubeconfigScript. */
export const removeKubeconfigsScript = (user: string): string => `
home=$(getent passwd '${user}' | cut -d: -f6)
for file in "$home/.kube/config" "$home/.kube/config-external"; do
  [ -f "$file" ] && grep -qx '# written by leafspan' "$file" && rm -f "$file" && echo "$file"
  [ -f "$file.before-leafspan" ] && mv "$file.before-leafspan" "$file"
done
rm -rf "$home/.kube/cache"; rmdir "$home/.kube" 2>/dev/null || true
`;
