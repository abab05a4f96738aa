printf '%s\n' 'nft inet hosts in leafspan:plant-7 f7d131fe' > /var/lib/leafspan/firewall.new; sync /var/lib/leafspan/firewall.new; mv -f /var/lib/leafspan/firewall.new /var/lib/leafspan/firewall

printf %s '# written by leafspan
nft_handles() { nft -a list chain "$1" "$2" "$3" 2>/dev/null | sed -nE '\''s/.* comment "'\''"$4"'\''" # handle ([0-9]+)$/\1/p'\''; }
nft_remove() { nft_handles "$@" | while read -r handle; do nft delete rule "$1" "$2" "$3" handle "$handle"; done; }
! nft list chain inet hosts in >/dev/null 2>&1 || [ -n "$(nft_handles inet hosts in '\''leafspan:plant-7 f7d131fe'\'')" ] || nft '\''add rule inet hosts in ip saddr { 192.0.2.20 } tcp dport 30722 accept comment "leafspan:plant-7 f7d131fe"'\'' || failed=1
exit ${failed:-0}
' > /var/lib/leafspan/firewall-restore
printf %s '[Unit]
Description=Rules of leafspan in the packet filter
After=nftables.service iptables.service netfilter-persistent.service
PartOf=nftables.service iptables.service netfilter-persistent.service
ReloadPropagatedFrom=nftables.service iptables.service netfilter-persistent.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/bash /var/lib/leafspan/firewall-restore
ExecReload=/bin/bash /var/lib/leafspan/firewall-restore

[Install]
WantedBy=multi-user.target nftables.service iptables.service netfilter-persistent.service
' > /etc/systemd/system/leafspan-firewall.service
systemctl daemon-reload
systemctl enable -q leafspan-firewall.service
systemctl restart leafspan-firewall.service

printf '%s\n' 'nft inet hosts in leafspan:plant-7 f7d131fe' > /var/lib/leafspan/firewall.new; sync /var/lib/leafspan/firewall.new; mv -f /var/lib/leafspan/firewall.new /var/lib/leafspan/firewall
