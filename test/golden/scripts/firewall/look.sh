firewalld_runs() { [ "${firewalld_state:=$(systemctl is-active -q firewalld.service 2>/dev/null && firewall-cmd --state 2>&1 || echo off)}" = running ]; }
firewalld_runtime() { ! firewalld_runs || firewall-cmd -q "$@"; }
firewalld_permanent() { if firewalld_runs; then firewall-cmd -q --permanent "$@"; else firewall-offline-cmd -q "$@"; fi; }
export LC_ALL=C
section() { echo "@@ $1"; }
section record; cat /var/lib/leafspan/firewall 2>/dev/null
section restore; cat /etc/systemd/system/leafspan-firewall.service /var/lib/leafspan/firewall-restore 2>/dev/null
if command -v ufw >/dev/null; then
  if grep -qs '^ENABLED=yes' /etc/ufw/ufw.conf; then section ufw; fi
  section 'ufw rules'; grep -hs '^### tuple ###' /etc/ufw/user.rules
fi
if firewalld_runs; then
  section firewalld; firewall-cmd --get-default-zone
  section 'firewalld runtime'; firewall-cmd --list-all-zones
  section 'firewalld permanent'; firewall-cmd --permanent --list-all-zones
elif grep -qs '^firewalld ' /var/lib/leafspan/firewall && command -v firewall-offline-cmd >/dev/null; then
  section 'firewalld permanent'; firewall-offline-cmd --list-all-zones
fi
if command -v iptables >/dev/null; then section 'iptables rules'; iptables -w -S | grep -vE '^-[AN] (KUBE-|CNI-|FLANNEL-|DOCKER)'; fi
if command -v nft >/dev/null; then section 'nft chains'; nft -j list chains; fi
true

