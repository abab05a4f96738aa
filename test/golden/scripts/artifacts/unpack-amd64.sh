
sha256() {
  local sum
  if sum=$(openssl dgst -sha256 -r </dev/null 2>/dev/null) && [ "${sum%% *}" = e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 ]
  then sum=$(openssl dgst -sha256 -r)
  else sum=$(sha256sum)
  fi
  echo "${sum%% *}"
}
command -v curl >/dev/null || exit 43
proxies=()
while IFS='=' read -r name value || [ -n "$name" ]; do
  name=${name#export }
  case ${name,,} in http_proxy|https_proxy|all_proxy|no_proxy) value=${value#[\"\']}; proxies+=("$name=${value%[\"\']}") ;; esac
done < <(cat /etc/environment 2>/dev/null)
[ ${#proxies[@]} -eq 0 ] || export "${proxies[@]}"
is_refused() {
  case $(curl -sL --proto-redir '=https' -r 0-0 -o /dev/null -w '%{http_code} %{http_connect}' --connect-timeout 10 --max-time 30 "$1") in
    401' '* | 403' '* | 404' '* | 410' '* | *' '403 | *' '407) return 0 ;;
  esac
  return 1
}
fetch_file() {
  (ulimit -f 4194304; curl -fsSL --retry 3 --connect-timeout 10 --proto-redir '=https' -o "$1" "$2") && return
  head -c 65536 /dev/zero >> "$1" || return 28
  return 1
}
unpack() { tar -xzOf "$1" -- "$2"; }
known=$(sed -n 's|^\([0-9a-f]\{64\}\) c306b46f719b0a4da32d0f78ee21bf90ce8d602f15b22ab753f0674d1670a7f3:linux-amd64/helm$|\1|p' /var/lib/leafspan/sums 2>/dev/null | tail -n 1) || true
if [ -n "$known" ] && [ -f '/usr/local/bin/helm' ] && [ "$(sha256 < '/usr/local/bin/helm')" = "$known" ]; then chmod 0755 '/usr/local/bin/helm'; echo "same $known /usr/local/bin/helm"; exit 0; fi
directory=$(dirname '/usr/local/bin/helm'); mkdir -p "$directory" /var/lib/leafspan
archive=$(mktemp /var/lib/leafspan/unpack-XXXXXX); part=$(mktemp "$directory/.helm.leafspan-XXXXXX"); trap 'rm -f "$archive" "$part"' EXIT
fetch_file "$archive" 'https://get.helm.sh/helm-v4.2.4-linux-amd64.tar.gz' || { [ $? != 28 ] || exit 28; is_refused 'https://get.helm.sh/helm-v4.2.4-linux-amd64.tar.gz' && exit 45; exit 44; }
got=$(sha256 < "$archive")
[ "$got" = c306b46f719b0a4da32d0f78ee21bf90ce8d602f15b22ab753f0674d1670a7f3 ] || { echo "got $got, wanted c306b46f719b0a4da32d0f78ee21bf90ce8d602f15b22ab753f0674d1670a7f3"; exit 41; }
(set -o pipefail; unpack "$archive" 'linux-amd64/helm' | head -c 268435457 > "$part") 2>/dev/null && whole=yes || whole=no
[ "$(stat -c %s "$part")" -le 268435456 ] || exit 47
[ $whole = yes ] && [ -s "$part" ] || exit 46
sum=$(sha256 < "$part")
echo "$sum c306b46f719b0a4da32d0f78ee21bf90ce8d602f15b22ab753f0674d1670a7f3:linux-amd64/helm" >> /var/lib/leafspan/sums
chmod 0755 "$part"; mv -f "$part" '/usr/local/bin/helm'
echo "$sum $(stat -c '%i %s %.9Y %.9Z' '/usr/local/bin/helm') /usr/local/bin/helm" >> /var/lib/leafspan/stamps
echo "new $sum /usr/local/bin/helm"


sha256() {
  local sum
  if sum=$(openssl dgst -sha256 -r </dev/null 2>/dev/null) && [ "${sum%% *}" = e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 ]
  then sum=$(openssl dgst -sha256 -r)
  else sum=$(sha256sum)
  fi
  echo "${sum%% *}"
}
command -v curl >/dev/null || exit 43
proxies=()
while IFS='=' read -r name value || [ -n "$name" ]; do
  name=${name#export }
  case ${name,,} in http_proxy|https_proxy|all_proxy|no_proxy) value=${value#[\"\']}; proxies+=("$name=${value%[\"\']}") ;; esac
done < <(cat /etc/environment 2>/dev/null)
[ ${#proxies[@]} -eq 0 ] || export "${proxies[@]}"
is_refused() {
  case $(curl -sL --proto-redir '=https' -r 0-0 -o /dev/null -w '%{http_code} %{http_connect}' --connect-timeout 10 --max-time 30 "$1") in
    401' '* | 403' '* | 404' '* | 410' '* | *' '403 | *' '407) return 0 ;;
  esac
  return 1
}
fetch_file() {
  (ulimit -f 4194304; curl -fsSL --retry 3 --connect-timeout 10 --proto-redir '=https' -o "$1" "$2") && return
  head -c 65536 /dev/zero >> "$1" || return 28
  return 1
}
unpack() {
  local size base method link packed at trailer name extra
  size=$(stat -c %s "$1"); base=$((size > 65557 ? size - 65557 : 0))
  read -r method link packed at trailer < <(tail -c +$((base + 1)) "$1" | od -An -v -tu1 -w1 | LC_ALL=C awk -v base=$base -v wanted="$2" '
    function number(from, bytes,  value) { value = 0; while (bytes-- > 0) value = value * 256 + byte[from + bytes]; return value }
    { byte[count++] = $1 + 0 }
    END {
      for (end = count - 22; end >= 0 && number(end, 4) != 101010256; end--) continue
      if (end < 0) exit 1
      entries = number(end + 10, 2)
      for (at = number(end + 16, 4) - base; entries-- > 0 && at >= 0 && number(at, 4) == 33639248; at += 46 + number(at + 28, 2) + number(at + 30, 2) + number(at + 32, 2)) {
        name = ""
        for (i = 0; i < number(at + 28, 2); i++) name = name sprintf("%c", byte[at + 46 + i])
        if (name != wanted) continue
        trailer = ""
        for (i = 16; i < 28; i++) if (i < 20 || i > 23) trailer = trailer sprintf("\\x%02x", byte[at + i])
        print number(at + 10, 2), int(number(at + 40, 2) / 4096) == 10, number(at + 20, 4), number(at + 42, 4), trailer
        exit
      }
    }') || return 1
  [ "$link" = 0 ] || return 1
  read -r name extra < <(od -An -v -tu2 -j $((at + 26)) -N 4 "$1")
  at=$((at + 30 + name + extra))
  case $method in
    0) tail -c +$((at + 1)) "$1" | head -c "$packed" ;;
    8) { printf '\x1f\x8b\x08\0\0\0\0\0\0\xff'; tail -c +$((at + 1)) "$1" | head -c "$packed"; printf "$trailer"; } | gzip -dc ;;
    *) return 1 ;;
  esac
}
known=$(sed -n 's|^\([0-9a-f]\{64\}\) 8dbd437c826b953dbd7432cf890ef22ba3c33dccc3dce5e71b3e8d055427849c:nats-0.4.0-linux-amd64/nats$|\1|p' /var/lib/leafspan/sums 2>/dev/null | tail -n 1) || true
if [ -n "$known" ] && [ -f '/usr/local/bin/nats' ] && [ "$(sha256 < '/usr/local/bin/nats')" = "$known" ]; then chmod 0755 '/usr/local/bin/nats'; echo "same $known /usr/local/bin/nats"; exit 0; fi
directory=$(dirname '/usr/local/bin/nats'); mkdir -p "$directory" /var/lib/leafspan
archive=$(mktemp /var/lib/leafspan/unpack-XXXXXX); part=$(mktemp "$directory/.nats.leafspan-XXXXXX"); trap 'rm -f "$archive" "$part"' EXIT
fetch_file "$archive" 'https://github.com/nats-io/natscli/releases/download/v0.4.0/nats-0.4.0-linux-amd64.zip' || { [ $? != 28 ] || exit 28; is_refused 'https://github.com/nats-io/natscli/releases/download/v0.4.0/nats-0.4.0-linux-amd64.zip' && exit 45; exit 44; }
got=$(sha256 < "$archive")
[ "$got" = 8dbd437c826b953dbd7432cf890ef22ba3c33dccc3dce5e71b3e8d055427849c ] || { echo "got $got, wanted 8dbd437c826b953dbd7432cf890ef22ba3c33dccc3dce5e71b3e8d055427849c"; exit 41; }
(set -o pipefail; unpack "$archive" 'nats-0.4.0-linux-amd64/nats' | head -c 268435457 > "$part") 2>/dev/null && whole=yes || whole=no
[ "$(stat -c %s "$part")" -le 268435456 ] || exit 47
[ $whole = yes ] && [ -s "$part" ] || exit 46
sum=$(sha256 < "$part")
echo "$sum 8dbd437c826b953dbd7432cf890ef22ba3c33dccc3dce5e71b3e8d055427849c:nats-0.4.0-linux-amd64/nats" >> /var/lib/leafspan/sums
chmod 0755 "$part"; mv -f "$part" '/usr/local/bin/nats'
echo "$sum $(stat -c '%i %s %.9Y %.9Z' '/usr/local/bin/nats') /usr/local/bin/nats" >> /var/lib/leafspan/stamps
echo "new $sum /usr/local/bin/nats"


sha256() {
  local sum
  if sum=$(openssl dgst -sha256 -r </dev/null 2>/dev/null) && [ "${sum%% *}" = e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 ]
  then sum=$(openssl dgst -sha256 -r)
  else sum=$(sha256sum)
  fi
  echo "${sum%% *}"
}
command -v curl >/dev/null || exit 43
proxies=()
while IFS='=' read -r name value || [ -n "$name" ]; do
  name=${name#export }
  case ${name,,} in http_proxy|https_proxy|all_proxy|no_proxy) value=${value#[\"\']}; proxies+=("$name=${value%[\"\']}") ;; esac
done < <(cat /etc/environment 2>/dev/null)
[ ${#proxies[@]} -eq 0 ] || export "${proxies[@]}"
is_refused() {
  case $(curl -sL --proto-redir '=https' -r 0-0 -o /dev/null -w '%{http_code} %{http_connect}' --connect-timeout 10 --max-time 30 "$1") in
    401' '* | 403' '* | 404' '* | 410' '* | *' '403 | *' '407) return 0 ;;
  esac
  return 1
}
fetch_file() {
  (ulimit -f 4194304; curl -fsSL --retry 3 --connect-timeout 10 --proto-redir '=https' -o "$1" "$2") && return
  head -c 65536 /dev/zero >> "$1" || return 28
  return 1
}
unpack() { tar -xzOf "$1" -- "$2"; }
known=$(sed -n 's|^\([0-9a-f]\{64\}\) e44a5dc5f880a694b24a0f2941a69a81b0bc6ee053170fdfde18453d4d5816de:step_0.30.6/bin/step$|\1|p' /var/lib/leafspan/sums 2>/dev/null | tail -n 1) || true
if [ -n "$known" ] && [ -f '/usr/local/bin/step' ] && [ "$(sha256 < '/usr/local/bin/step')" = "$known" ]; then chmod 0755 '/usr/local/bin/step'; echo "same $known /usr/local/bin/step"; exit 0; fi
directory=$(dirname '/usr/local/bin/step'); mkdir -p "$directory" /var/lib/leafspan
archive=$(mktemp /var/lib/leafspan/unpack-XXXXXX); part=$(mktemp "$directory/.step.leafspan-XXXXXX"); trap 'rm -f "$archive" "$part"' EXIT
fetch_file "$archive" 'https://github.com/smallstep/cli/releases/download/v0.30.6/step_linux_0.30.6_amd64.tar.gz' || { [ $? != 28 ] || exit 28; is_refused 'https://github.com/smallstep/cli/releases/download/v0.30.6/step_linux_0.30.6_amd64.tar.gz' && exit 45; exit 44; }
got=$(sha256 < "$archive")
[ "$got" = e44a5dc5f880a694b24a0f2941a69a81b0bc6ee053170fdfde18453d4d5816de ] || { echo "got $got, wanted e44a5dc5f880a694b24a0f2941a69a81b0bc6ee053170fdfde18453d4d5816de"; exit 41; }
(set -o pipefail; unpack "$archive" 'step_0.30.6/bin/step' | head -c 268435457 > "$part") 2>/dev/null && whole=yes || whole=no
[ "$(stat -c %s "$part")" -le 268435456 ] || exit 47
[ $whole = yes ] && [ -s "$part" ] || exit 46
sum=$(sha256 < "$part")
echo "$sum e44a5dc5f880a694b24a0f2941a69a81b0bc6ee053170fdfde18453d4d5816de:step_0.30.6/bin/step" >> /var/lib/leafspan/sums
chmod 0755 "$part"; mv -f "$part" '/usr/local/bin/step'
echo "$sum $(stat -c '%i %s %.9Y %.9Z' '/usr/local/bin/step') /usr/local/bin/step" >> /var/lib/leafspan/stamps
echo "new $sum /usr/local/bin/step"

