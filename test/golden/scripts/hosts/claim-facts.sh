
echo "arch=$(uname -m)"
line() { head -c 4096 "$1" | tr '\n\0' '  '; }
if [ -e /var/lib/leafspan/claim.json ]; then echo "claim=$(line /var/lib/leafspan/claim.json)"
elif [ -e /var/lib/leafspan/owner ]; then
  echo "owner=$(line /var/lib/leafspan/owner)"
  if [ -e /var/lib/leafspan/adopted ]; then echo ownerAdopted=yes; fi
fi
if grep -qsxE '[0-9a-f]{32}' /etc/machine-id && ! grep -qs ' /etc/machine-id ' /proc/self/mounts; then
  echo "machineId=$(sha256sum < /etc/machine-id | head -c 16)"
fi

