import type { OnHost } from './host-snapshots.js';

/**
 * What an owner may have on a host that is fit for K3s: networks and published ports of podman, a prepared configuration of
 * K3s, neighbours in Rancher's directories, and a disk of its own for K3s, by a link or a mount. A teardown must leave it as it was.
 * The disk is below /var/lib, since the root of a lab host is an overlay, which cannot hold the images of containers.
 */
const PLANTED = `set -eu
mkdir -p /etc/cni/net.d /opt/cni/bin /var/lib/cni/networks/podman /etc/rancher/k3s /etc/rancher/agent
echo '{}' > /etc/cni/net.d/87-podman-bridge.conflist
echo plugin > /opt/cni/bin/bridge
echo a1 > /var/lib/cni/networks/podman/10.88.0.2
echo 'mirrors: {}' > /etc/rancher/k3s/registries.yaml
echo 'agent: theirs' > /etc/rancher/agent/config.yaml
iptables -t nat -N CNI-HOSTPORT-DNAT
iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT
iptables -t nat -N CNI-DN-a1
iptables -t nat -A CNI-HOSTPORT-DNAT -p tcp -m comment --comment 'dnat name: "podman" id: "a1"' -m multiport --dports 8080 -j CNI-DN-a1
iptables -A INPUT -p tcp --dport 8081 -m comment --comment 'allow flannel-monitor' -j ACCEPT
`;

const LINKED = `
mkdir -p /var/lib/disk/k3s /var/lib/rancher
echo theirs > /var/lib/disk/k3s/keep
ln -s /var/lib/disk/k3s /var/lib/rancher/k3s
`;

const MOUNTED = `
mkdir -p /var/lib/disk /var/lib/rancher
mount --bind /var/lib/disk /var/lib/rancher
echo theirs > /var/lib/rancher/keep
echo 'kubelet-arg: [max-pods=111]' > /etc/rancher/k3s/config.yaml
`;

/** On a host whose directory of K3s is a link. */
export const plantLinked = (on: OnHost, host: string): string => on(host, PLANTED + LINKED);

/** On a host whose directory of Rancher is a mount, with a configuration of K3s. */
export const plantMounted = (on: OnHost, host: string): string => on(host, PLANTED + MOUNTED);

/** A host whose ufw lets in SSH only, and one rule that is the same as one of ours. */
export const closeByUfw = (on: OnHost, host: string): string =>
  on(host, 'ufw allow 22/tcp; ufw allow from 10.42.0.0/16; ufw --force enable');

/** A host whose nftables lets in SSH only. */
export const closeByNft = (on: OnHost, host: string): string =>
  on(
    host,
    `cat > /etc/nftables.conf <<'RULES'
flush ruleset
table inet site {
  chain hosts {
    type filter hook input priority 0; policy drop;
    ct state established,related accept
    iif lo accept
    tcp dport 22 accept
  }
  chain through { type filter hook forward priority 0; policy drop; }
}
RULES
systemctl enable -q nftables; nft -f /etc/nftables.conf`,
  );
