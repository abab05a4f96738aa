
[ -f /var/lib/leafspan/files ] || exit 0
while read -r file; do
  if [ -e "$file" ] || [ -L "$file" ]; then echo "$file"; fi
done < /var/lib/leafspan/files

