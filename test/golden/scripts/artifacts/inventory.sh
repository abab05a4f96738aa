grep -qsxF '/usr/local/bin/k3s' /var/lib/leafspan/files || echo '/usr/local/bin/k3s' >> /var/lib/leafspan/files
grep -qsxF '/usr/local/bin/linkerd' /var/lib/leafspan/files || echo '/usr/local/bin/linkerd' >> /var/lib/leafspan/files
