
rm -rf /run/leafspan-render
find /var/lib/leafspan -mindepth 1 -maxdepth 1 ! -name claim.json ! -name owner ! -name adopted -exec rm -rf {} +
rm -f /var/lib/leafspan/owner /var/lib/leafspan/adopted /var/lib/leafspan/claim.json
rmdir /var/lib/leafspan

