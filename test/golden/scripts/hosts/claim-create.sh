
mkdir -p -m 0755 /var/lib/leafspan
[ ! -e /var/lib/leafspan/claim.json ]
find /var/lib/leafspan/ -mindepth 1 -maxdepth 1 | grep -vE '/(claim\.json|owner|adopted|before|files|sums|stamps|kubeconfigs|firewall|firewall-restore|k3s-install\.sh|k3s-not-restarted|kubectl|theirs|\.claim-.*|unpack-.*)$' > /var/lib/leafspan/theirs || true
[ -s /var/lib/leafspan/theirs ] || rm -f /var/lib/leafspan/theirs

rm -f /var/lib/leafspan/.claim-*
part=$(mktemp /var/lib/leafspan/.claim-XXXXXX); trap 'rm -f "$part"' EXIT
echo '{"topology":"plant-7","cluster":"cluster-a","installation":"0123456789abcdef","machine":"fedcba9876543210","adopted":false}' > "$part"; chmod 0644 "$part"; sync "$part"
ln "$part" /var/lib/leafspan/claim.json
sync /var/lib/leafspan "$(dirname /var/lib/leafspan)"
rm -f /var/lib/leafspan/owner /var/lib/leafspan/adopted

