
sha256() {
  if [ "$(openssl dgst -sha256 -r </dev/null 2>/dev/null | cut -c1-64)" = e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 ]
  then openssl dgst -sha256 -r | cut -c1-64
  else sha256sum | cut -c1-64
  fi
}
for file in '/usr/local/bin/k3s' '/usr/local/bin/linkerd'; do
  [ -f "$file" ] || continue
  grep -qsxF "$file" /var/lib/leafspan/files && whose=ours || whose=theirs
  noted=$(grep -sF " $(stat -c '%i %s %.9Y %.9Z' "$file") $file" /var/lib/leafspan/stamps | tail -n 1)
  echo "${noted%% *}" | grep -qxE '[0-9a-f]{64}' && sum=${noted%% *} || sum=$(sha256 < "$file")
  echo "$sum $(stat -c %04a "$file") $whose $file"
done
true

