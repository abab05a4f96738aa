cat /var/lib/leafspan/owner 2>/dev/null || true
