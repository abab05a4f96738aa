rm -rf /var/lib/leafspan
