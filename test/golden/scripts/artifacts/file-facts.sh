
sha256() {
  local sum
  if sum=$(openssl dgst -sha256 -r </dev/null 2>/dev/null) && [ "${sum%% *}" = e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 ]
  then sum=$(openssl dgst -sha256 -r)
  else sum=$(sha256sum)
  fi
  echo "${sum%% *}"
}
noted() {
  local sum stamp found=
  [ ! -f /var/lib/leafspan/stamps ] || while read -r sum stamp; do [ "$stamp" != "$1" ] || found=$sum; done < /var/lib/leafspan/stamps
  [[ $found =~ ^[0-9a-f]{64}$ ]] && echo "$found"
}
for file in '/usr/local/bin/k3s' '/usr/local/bin/linkerd'; do
  [ -f "$file" ] || continue
  grep -qsxF "$file" /var/lib/leafspan/files && whose=ours || whose=theirs
  sum=$(noted "$(stat -c '%i %s %.9Y %.9Z' "$file") $file") || sum=$(sha256 < "$file")
  echo "$sum $(stat -c %04a "$file") $whose $file"
done
true

