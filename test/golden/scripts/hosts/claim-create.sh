
mkdir -p -m 0755 /var/lib/leafspan
[ ! -e /var/lib/leafspan/claim.json ]

rm -f /var/lib/leafspan/.claim-*
part=$(mktemp /var/lib/leafspan/.claim-XXXXXX); trap 'rm -f "$part"' EXIT
echo '{"topology":"plant-7","cluster":"cluster-a","installation":"0123456789abcdef","machine":"fedcba9876543210","adopted":false}' > "$part"; chmod 0644 "$part"; sync "$part"
ln "$part" /var/lib/leafspan/claim.json
sync /var/lib/leafspan "$(dirname /var/lib/leafspan)"
rm -f /var/lib/leafspan/owner /var/lib/leafspan/adopted

