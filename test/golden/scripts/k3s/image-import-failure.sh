
newest=$(find /var/lib/rancher/k3s/agent/images -maxdepth 1 -type f -printf '%T@\n' 2>/dev/null | sort -n | tail -n 1)
[ -n "$newest" ] && [ -f /var/lib/leafspan/files ] || exit 0
journalctl -q -u k3s -o cat --no-pager --since "@${newest%.*}" 2>/dev/null |
  grep -aE 'Error encountered while importing|Failed to process image event' |
  grep -aF -f <(grep '^/var/lib/rancher/k3s/agent/images/' /var/lib/leafspan/files) | tail -n 1 | cut -c 1-500

