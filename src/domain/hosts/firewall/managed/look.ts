import { FIREWALL_RECORD } from '../../paths.js';
import { restoreFactsScript } from './after-reboot.js';
import { FIREWALLD_FUNCTIONS } from './firewalld.js';
import type { Sections } from './rule.js';

/** Chains that Kubernetes and Docker restore themselves; on a host with K3s they are most of all. */
const OF_OTHERS = '(KUBE-|CNI-|FLANNEL-|DOCKER)';

/**
 * Prints what is known of each firewall, section by section; sections of what is not there, or not active, are left out. The
 * rules of ufw and the permanent ones of firewalld are there while it is off, too.
 */
export const firewallFactsScript = `${FIREWALLD_FUNCTIONS}
export LC_ALL=C
section() { echo "@@ $1"; }
section record; cat ${FIREWALL_RECORD} 2>/dev/null
section restore; ${restoreFactsScript}
if command -v ufw >/dev/null; then
  if grep -qs '^ENABLED=yes' /etc/ufw/ufw.conf; then section ufw; fi
  section 'ufw rules'; grep -hs '^### tuple ###' /etc/ufw/user.rules
fi
if firewalld_runs; then
  section firewalld; firewall-cmd --get-default-zone
  section 'firewalld runtime'; firewall-cmd --list-all-zones
  section 'firewalld permanent'; firewall-cmd --permanent --list-all-zones
elif grep -qs '^firewalld ' ${FIREWALL_RECORD} && command -v firewall-offline-cmd >/dev/null; then
  section 'firewalld permanent'; firewall-offline-cmd --list-all-zones
fi
if command -v iptables >/dev/null; then section 'iptables rules'; iptables -w -S | grep -vE '^-[AN] ${OF_OTHERS}'; fi
if command -v nft >/dev/null; then section 'nft chains'; nft -j list chains; fi
true
`;

export function sectionsOf(printed: string): Sections {
  const blocks = printed.split(/^@@ /m).slice(1);
  return Object.fromEntries(
    blocks.map((block) => {
      const end = block.indexOf('\n');
      return [block.slice(0, end), block.slice(end + 1)];
    }),
  );
}
