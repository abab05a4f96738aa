/** What leafspan itself keeps on a host. The folder goes with the teardown. */
export const HOST_FOLDER = '/var/lib/leafspan';

/** Whose the host is and what was there before. */
export const CLAIM_FILE = `${HOST_FOLDER}/claim.json`;

/** The claim of earlier versions: the bare name of the topology. */
export const OWNER_FILE = `${HOST_FOLDER}/owner`;

/** Every file that leafspan put outside its own folder, one path per line. */
export const INVENTORY_FILE = `${HOST_FOLDER}/files`;

/** Kubeconfigs that leafspan wrote, by checksum: `file <sha256> <path>`; and `directory <path>` when it made that too. */
export const KUBECONFIG_RECORD = `${HOST_FOLDER}/kubeconfigs`;

/** Beside the owner file. Its presence says that K3s was there before us and must stay. */
export const ADOPTED_FILE = `${HOST_FOLDER}/adopted`;

/** Where the parts of an installation live on a host. */
export const K3S_BINARY = '/usr/local/bin/k3s';

export const TOOLS_FOLDER = '/usr/local/bin';

export const IMAGES_FOLDER = '/var/lib/rancher/k3s/agent/images';

export const INSTALL_SCRIPT = '/var/lib/leafspan/k3s-install.sh';

export const K3S_CONFIG_FILE = '/etc/rancher/k3s/config.yaml';

export const K3S_KUBECONFIG = '/etc/rancher/k3s/k3s.yaml';

/** It is there from the change of K3s's configuration or binary until K3s was told to start with it. */
export const K3S_STALE_MARK = `${HOST_FOLDER}/k3s-not-restarted`;
