/**
 * A kubeconfig of a host, for a person on the machine that runs leafspan. K3s calls cluster, user
 * and context all "default"; merged files of two clusters would collide.
 */
export const externalKubeconfig = (kubeconfig: string, cluster: string, address: string): string =>
  kubeconfig.replaceAll('https://127.0.0.1:6443', `https://${address}:6443`).replaceAll(/: default$/gm, `: ${cluster}`);
