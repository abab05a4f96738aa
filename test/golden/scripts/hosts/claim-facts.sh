
echo "arch=$(uname -m)"
line() { local text; IFS= read -rN 4096 text < "$1" || true; printf '%s' "${text//$'\n'/ }"; }
if [ -e /var/lib/leafspan/claim.json ]; then echo "claim=$(line /var/lib/leafspan/claim.json)"
elif [ -e /var/lib/leafspan/owner ]; then
  echo "owner=$(line /var/lib/leafspan/owner)"
  if [ -e /var/lib/leafspan/adopted ]; then echo ownerAdopted=yes; fi
fi
if grep -qsxE '[0-9a-f]{32}' /etc/machine-id && ! grep -qs ' /etc/machine-id ' /proc/self/mounts; then
  id=$(sha256sum < /etc/machine-id); echo "machineId=${id:0:16}"
fi

