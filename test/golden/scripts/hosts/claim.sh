
mkdir -p -m 0755 /var/lib/leafspan
if (set -o noclobber; echo 'plant-7' > /var/lib/leafspan/owner) 2>/dev/null; then echo claimed; else cat /var/lib/leafspan/owner; fi

