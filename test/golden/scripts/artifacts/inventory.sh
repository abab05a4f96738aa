grep -qsxF '/usr/local/bin/k3s' /var/lib/leafspan/files || echo '/usr/local/bin/k3s' >> /var/lib/leafspan/files
touch /var/lib/leafspan/k3s-not-restarted
grep -qsxF '/usr/local/bin/linkerd' /var/lib/leafspan/files || echo '/usr/local/bin/linkerd' >> /var/lib/leafspan/files
