/** What leafspan itself keeps on a host. The directory goes with the teardown. */
export const HOST_DIRECTORY = '/var/lib/leafspan';

/** Whose the host is and what was there before. */
export const CLAIM_FILE = `${HOST_DIRECTORY}/claim.json`;

/** The claim of earlier versions: the bare name of the topology. */
export const OWNER_FILE = `${HOST_DIRECTORY}/owner`;

/** Of the operating system: one per installation of it. */
export const MACHINE_ID_FILE = '/etc/machine-id';

/** Checksums of downloads, `<sha256> <url>` a line: what is there can be compared while its publisher cannot be asked. */
export const SUMS_FILE = '/var/lib/leafspan/sums';

/** Every file that leafspan put outside its own directory, one path per line. */
export const INVENTORY_FILE = `${HOST_DIRECTORY}/files`;

/** What placed files contain, by their stamps: `<sha256> <inode> <size> <mtime> <ctime> <path>`. */
export const STAMPS_FILE = `${HOST_DIRECTORY}/stamps`;

/** Kubeconfigs that leafspan wrote, by checksum: `file <sha256> <path>`; and `directory <path>` when it made that too. */
export const KUBECONFIG_RECORD = `${HOST_DIRECTORY}/kubeconfigs`;

/** What was on the host when it was claimed, of all that a removal of K3s touches. */
export const BEFORE_DIRECTORY = `${HOST_DIRECTORY}/before`;

/** What others had put into our directory before the claim, a path a line; absent: nothing. */
export const THEIRS_FILE = `${HOST_DIRECTORY}/theirs`;

/** Beside the owner file. Its presence says that K3s was there before us and must stay. */
export const ADOPTED_FILE = `${HOST_DIRECTORY}/adopted`;

/** Rules of ours in the host's firewalls, one a line. */
export const FIREWALL_RECORD = `${HOST_DIRECTORY}/firewall`;

/** In memory: who changes the host now. Each has the machine as a suffix. */
export const LEASE_FILES = '/run/leafspan-lease';

/** In memory: holds an issuer's key for the seconds of a render. */
export const RENDER_DIRECTORY = '/run/leafspan-render';

/** Where the parts of an installation live on a host. */
export const K3S_BINARY = '/usr/local/bin/k3s';

export const TOOLS_DIRECTORY = '/usr/local/bin';

export const IMAGES_DIRECTORY = '/var/lib/rancher/k3s/agent/images';

export const INSTALL_SCRIPT = '/var/lib/leafspan/k3s-install.sh';

export const K3S_CONFIG_FILE = '/etc/rancher/k3s/config.yaml';

/** Files of other writers, which K3s merges over its own. */
export const K3S_CONFIG_DROP_INS = '/etc/rancher/k3s/config.yaml.d';

/** What is in a cluster. It outlives K3s's binary and unit. */
export const DATASTORE = '/var/lib/rancher/k3s/server/db';

export const K3S_KUBECONFIG = '/etc/rancher/k3s/k3s.yaml';

/** It is there from the change of K3s's configuration or binary until K3s was restarted with it. */
export const K3S_STALE_MARK = `${HOST_DIRECTORY}/k3s-not-restarted`;
