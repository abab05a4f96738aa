/** Directories of K3s only, with the parents that it shares. */
export const K3S_DIRECTORIES = [
  '/etc/rancher/k3s',
  '/etc/rancher/node',
  '/var/lib/rancher/k3s',
  '/run/k3s',
  '/run/flannel',
  '/var/lib/kubelet',
  '/var/lib/cni',
];
/** Directories of others too: they go when K3s made them and they are empty. */
export const SHARED_DIRECTORIES = [
  '/etc/rancher',
  '/var/lib/rancher',
  '/run/containerd',
  '/run/netns',
  '/opt/containerd',
  '/usr/libexec/kubernetes',
];
export const KUBELET_LOGS = ['/var/log/pods', '/var/log/containers'];
export const K3S_FILES = [
  ...['k3s', 'k3s-killall.sh', 'k3s-uninstall.sh'].map((name) => `/usr/local/bin/${name}`),
  ...['k3s.service', 'k3s.service.env', 'multi-user.target.wants/k3s.service'].map(
    (name) => `/etc/systemd/system/${name}`,
  ),
];
/** Links of K3s's install script; only links to k3s are ours. */
export const K3S_LINKS = ['kubectl', 'crictl', 'ctr'].map((name) => `/usr/local/bin/${name}`);
/** A pattern of awk for the mounts of K3s and its pods. */
export const MOUNTS = '^(/run/k3s|/var/lib/kubelet|/var/lib/rancher|/run/netns/cni-)';
/** A pattern of grep for the interfaces of K3s's network and proxy. */
export const INTERFACES = '^(cni0|flannel\\.1|flannel-v6\\.1|flannel-wg|flannel-wg-v6|kube-ipvs0)$';
export const FAMILIES = ['iptables', 'ip6tables'] as const;
