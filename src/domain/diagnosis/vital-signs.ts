import { claimFactsScript, parseClaim, type ClaimSeen } from '../hosts/claim.js';

/** What a host is asked first. It takes a moment, whatever is wrong with the host. */
export interface VitalSigns {
  /** Host clock minus ours. */
  clockOffsetMs: number;
  /** Of the file systems of K3s's data, of /var/lib/kubelet and of the root directory; the fullest counts. */
  diskFreeShare: number;
  /** Where that is. */
  disk: string;
  claim: ClaimSeen;
  firewall: string | undefined;
}

/** Prints one `key=value` a line and changes nothing. */
export const vitalSignsScript = `
echo "epochNs=$(date +%s%N)"
for path in /var/lib/rancher /var/lib/kubelet /; do [ -e $path ] && df -Pk $path | awk 'NR==2 {print "disk=" $4, $2, $6}'; done
${claimFactsScript.trim()}
inRules() { iptables -S "$1" 2>/dev/null | grep -E -- '^-A INPUT -j (DROP|REJECT)|^-P INPUT DROP'; }
if grep -qs '^ENABLED=yes' /etc/ufw/ufw.conf; then echo firewall=ufw
elif systemctl is-active -q firewalld.service 2>/dev/null; then echo firewall=firewalld
elif [ -n "$(inRules INPUT)" ]; then echo firewall=iptables; fi
true
`;

export function parseVitalSigns(output: string, clock: { beforeMs: number; afterMs: number }): VitalSigns {
  const one = (key: string): string | undefined => new RegExp(`^${key}=(.*)$`, 'm').exec(output)?.[1];
  const disks = [...output.matchAll(/^disk=(\d+) (\d+) (\S+)$/gm)].map(([, free, size, disk = '/']) => ({
    disk,
    diskFreeShare: Number(free) / Math.max(1, Number(size)),
  }));
  const [fullest = { disk: '/', diskFreeShare: 1 }] = disks.sort((a, b) => a.diskFreeShare - b.diskFreeShare);
  return {
    ...fullest,
    clockOffsetMs: Math.round(Number(one('epochNs') ?? Number.NaN) / 1e6 - (clock.beforeMs + clock.afterMs) / 2),
    claim: parseClaim(output),
    firewall: one('firewall'),
  };
}
