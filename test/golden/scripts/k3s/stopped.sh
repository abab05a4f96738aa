# start unit k3s.service
systemctl reset-failed k3s.service 2>/dev/null || true; systemctl --no-block start k3s.service; rm -f /var/lib/leafspan/k3s-not-restarted
