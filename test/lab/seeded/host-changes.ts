import { onHub, onLeaf, type SeededChange } from './change.js';

const CONFIG = '/etc/rancher/k3s/config.yaml';
const UNIT_FILE = '/etc/systemd/system/k3s.service';
const UNIT = 'unit k3s.service';
const BINARY = '/usr/local/bin/k3s';
const INSTALL_SCRIPT = '/var/lib/leafspan/k3s-install.sh';
const IMAGES = '/var/lib/rancher/k3s/agent/images';
const CLAIM = '/var/lib/leafspan/claim.json';
const KUBE = '/home/ubuntu/.kube';

/** While K3s is stopped, nothing is known about its cluster: on the leaf no object changes in this round. */
export const FILES_AND_A_STOPPED_UNIT: SeededChange[] = [
  onHub(
    "K3s's configuration has another line",
    `echo '# by hand' >> ${CONFIG}`,
    `k3s: change ${CONFIG}`,
    `k3s: restart ${UNIT}`,
  ),
  onHub('K3s does not start at boot', 'systemctl disable -q k3s', `k3s: change ${UNIT_FILE}`),
  onHub('the install script has another line', `echo >> ${INSTALL_SCRIPT}`, `k3s-files: change ${INSTALL_SCRIPT}`),
  onHub('a tool is gone', 'rm /usr/local/bin/nats', 'tools: create /usr/local/bin/nats'),
  onHub('images are gone', `rm ${IMAGES}/nats-box.tar`, `images: create ${IMAGES}/nats-box.tar`),
  onHub('a kubeconfig is gone', `rm ${KUBE}/config`, `kubeconfigs: create ${KUBE}/config`),
  onHub(
    'the claim has the form of an earlier version',
    `sed 's/.*"topology":"\\([^"]*\\)".*/\\1/' ${CLAIM} > /var/lib/leafspan/owner; rm ${CLAIM}`,
    `claim: change ${CLAIM}`,
  ),
  onLeaf('K3s is stopped', 'systemctl stop k3s', `k3s: start ${UNIT}`),
  onLeaf('a tool is empty', ': > /usr/local/bin/helm', 'tools: change /usr/local/bin/helm'),
  onLeaf('a tool is not executable', 'chmod 644 /usr/local/bin/nats', 'tools: change /usr/local/bin/nats'),
  onLeaf(
    'a kubeconfig can be read by all',
    `chmod 644 ${KUBE}/config-external`,
    `kubeconfigs: change ${KUBE}/config-external`,
  ),
  onLeaf(
    'the claim does not name the installation',
    `sed -i 's/"installation":"[0-9a-f]*",//' ${CLAIM}`,
    `claim: change ${CLAIM}`,
  ),
];

/** The running K3s holds the file that it was started from, so another one takes its name. */
const OTHER_BINARY = `cp ${BINARY} ${BINARY}.new; echo >> ${BINARY}.new; mv ${BINARY}.new ${BINARY}`;

export const BINARY_AND_A_LOST_UNIT: SeededChange[] = [
  onHub('K3s is another binary', OTHER_BINARY, `k3s-files: change ${BINARY}`, `k3s: restart ${UNIT}`),
  onHub('images are cut off', `truncate -s 1M ${IMAGES}/nats.tar`, `images: change ${IMAGES}/nats.tar`),
  onHub(
    'all kubeconfigs are gone',
    `rm -r ${KUBE}`,
    `kubeconfigs: create ${KUBE}/config`,
    `kubeconfigs: create ${KUBE}/config-external`,
  ),
  onLeaf(
    "K3s's unit is gone",
    `systemctl stop k3s; rm ${UNIT_FILE}; systemctl daemon-reload`,
    `k3s: create ${UNIT_FILE}`,
    `k3s: start ${UNIT}`,
  ),
  onLeaf('the install script is not executable', `chmod 600 ${INSTALL_SCRIPT}`, `k3s-files: change ${INSTALL_SCRIPT}`),
  onLeaf('images of K3s are gone', `rm ${IMAGES}/k3s-images.tar`, `k3s-files: create ${IMAGES}/k3s-images.tar`),
];

/** Last in their round: the scripts of the others use the binary. */
export const CONFIGURATION_AND_BINARY_GONE: SeededChange[] = [
  onHub("K3s's configuration is gone", `rm ${CONFIG}`, `k3s: create ${CONFIG}`, `k3s: restart ${UNIT}`),
  onLeaf(
    "K3s's binary is gone",
    `mv ${BINARY} ${BINARY}.moved; rm ${BINARY}.moved`,
    `k3s-files: create ${BINARY}`,
    `k3s: restart ${UNIT}`,
  ),
];
