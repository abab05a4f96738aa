const BASE64 = '[A-Za-z0-9+/]+=*';

/** K3s writes what is inline as one line each. */
const valueOf = (kubeconfig: string, key: string): string | undefined =>
  new RegExp(`^ +${key}: "?(${BASE64})"?\\s*$`, 'm').exec(kubeconfig)?.[1];

/**
 * A kubeconfig for a person on the machine that runs leafspan, by the one that a host holds. Nothing but certificates and
 * key is taken from that: the host could be in other hands, and kubectl runs programs and sends files that a kubeconfig
 * names. Each cluster has names of its own, where K3s calls them all "default", so that files can be merged.
 * @param at where the API server is reached
 * @returns undefined when the host's has no CA, client certificate and key in it
 */
export function externalKubeconfig(kubeconfig: string, cluster: string, at: string): string | undefined {
  const [ca, certificate, key] = ['certificate-authority-data', 'client-certificate-data', 'client-key-data'].map(
    (name) => valueOf(kubeconfig, name),
  );
  if (ca === undefined || certificate === undefined || key === undefined) return undefined;
  return `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${ca}
    server: https://${at}
  name: ${cluster}
contexts:
- context:
    cluster: ${cluster}
    user: ${cluster}
  name: ${cluster}
current-context: ${cluster}
kind: Config
preferences: {}
users:
- name: ${cluster}
  user:
    client-certificate-data: ${certificate}
    client-key-data: ${key}
`;
}
