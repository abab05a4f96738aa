
rm -rf /run/leafspan-render
list=$(find /var/lib/leafspan/ -mindepth 1 -maxdepth 1 ! -name claim.json ! -name owner ! -name adopted ! -name theirs)
while IFS= read -r path; do
  [ -z "$path" ] || grep -qsxF -- "$path" /var/lib/leafspan/theirs || rm -rf -- "$path"
done <<<"$list"
rm -f /var/lib/leafspan/owner /var/lib/leafspan/adopted /var/lib/leafspan/claim.json /run/leafspan-lease.*
if [ -s /var/lib/leafspan/theirs ] || [ -L /var/lib/leafspan ] || mountpoint -q /var/lib/leafspan; then rm -f /var/lib/leafspan/theirs
else rmdir /var/lib/leafspan; fi

