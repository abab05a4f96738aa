
[ -f /var/lib/leafspan/files ] || exit 0
while read -r file; do
  if [ -e "$file" ] || [ -L "$file" ] || compgen -G "${file%/*}/.${file##*/}.leafspan-*" >/dev/null; then echo "$file"; fi
done < /var/lib/leafspan/files

