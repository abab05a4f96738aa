# restart unit k3s.service
systemctl --no-block restart k3s.service; rm -f /var/lib/leafspan/k3s-not-restarted
