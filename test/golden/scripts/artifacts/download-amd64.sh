
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
failed() { is_refused "$1" && exit 45; exit 44; }
directory=$(dirname '/usr/local/bin/k3s'); mkdir -p "$directory"
sums=$(set -o pipefail; curl -fsSL --retry 3 --connect-timeout 10 --max-time 60 --proto-redir '=https' 'https://github.com/k3s-io/k3s/releases/download/v1.36.3%2Bk3s1/sha256sum-amd64.txt' | head -c 65536) || failed 'https://github.com/k3s-io/k3s/releases/download/v1.36.3%2Bk3s1/sha256sum-amd64.txt'
wanted=$(awk '
  NF == 1 && length($1) == 64 { alone = $1 }
  { name = $2; sub(/^\*/, "", name); sub(/^.*\//, "", name) }
  name == "k3s" { named = $1 }
  END { print named != "" ? named : NR == 1 ? alone : "" }
' <<<"$sums")
[ -n "$wanted" ] || exit 42
known="$wanted "'https://github.com/k3s-io/k3s/releases/download/v1.36.3%2Bk3s1/k3s'
grep -qsxF -- "$known" /var/lib/leafspan/sums || { mkdir -p "$(dirname /var/lib/leafspan/sums)"; echo "$known" >> /var/lib/leafspan/sums; }
if [ -f '/usr/local/bin/k3s' ] && [ "$(sha256 < '/usr/local/bin/k3s')" = "$wanted" ]; then chmod 0755 '/usr/local/bin/k3s'; echo "same $wanted /usr/local/bin/k3s"; exit 0; fi
part=$(mktemp "$directory/.leafspan-XXXXXX"); trap 'rm -f "$part"' EXIT
fetch_file "$part" 'https://github.com/k3s-io/k3s/releases/download/v1.36.3%2Bk3s1/k3s' || { [ $? != 28 ] || exit 28; failed 'https://github.com/k3s-io/k3s/releases/download/v1.36.3%2Bk3s1/k3s'; }
got=$(sha256 < "$part")
[ "$got" = "$wanted" ] || { echo "got $got, wanted $wanted"; exit 41; }
chmod 0755 "$part"; touch /var/lib/leafspan/k3s-not-restarted; mv -f "$part" '/usr/local/bin/k3s'; trap - EXIT
echo "new $wanted /usr/local/bin/k3s"


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
failed() { is_refused "$1" && exit 45; exit 44; }
directory=$(dirname '/var/lib/rancher/k3s/agent/images/k3s-airgap-images-amd64.tar.zst'); mkdir -p "$directory"
sums=$(set -o pipefail; curl -fsSL --retry 3 --connect-timeout 10 --max-time 60 --proto-redir '=https' 'https://github.com/k3s-io/k3s/releases/download/v1.36.3%2Bk3s1/sha256sum-amd64.txt' | head -c 65536) || failed 'https://github.com/k3s-io/k3s/releases/download/v1.36.3%2Bk3s1/sha256sum-amd64.txt'
wanted=$(awk '
  NF == 1 && length($1) == 64 { alone = $1 }
  { name = $2; sub(/^\*/, "", name); sub(/^.*\//, "", name) }
  name == "k3s-airgap-images-amd64.tar.zst" { named = $1 }
  END { print named != "" ? named : NR == 1 ? alone : "" }
' <<<"$sums")
[ -n "$wanted" ] || exit 42
known="$wanted "'https://github.com/k3s-io/k3s/releases/download/v1.36.3%2Bk3s1/k3s-airgap-images-amd64.tar.zst'
grep -qsxF -- "$known" /var/lib/leafspan/sums || { mkdir -p "$(dirname /var/lib/leafspan/sums)"; echo "$known" >> /var/lib/leafspan/sums; }
if [ -f '/var/lib/rancher/k3s/agent/images/k3s-airgap-images-amd64.tar.zst' ] && [ "$(sha256 < '/var/lib/rancher/k3s/agent/images/k3s-airgap-images-amd64.tar.zst')" = "$wanted" ]; then chmod 0644 '/var/lib/rancher/k3s/agent/images/k3s-airgap-images-amd64.tar.zst'; echo "same $wanted /var/lib/rancher/k3s/agent/images/k3s-airgap-images-amd64.tar.zst"; exit 0; fi
part=$(mktemp "$directory/.leafspan-XXXXXX"); trap 'rm -f "$part"' EXIT
fetch_file "$part" 'https://github.com/k3s-io/k3s/releases/download/v1.36.3%2Bk3s1/k3s-airgap-images-amd64.tar.zst' || { [ $? != 28 ] || exit 28; failed 'https://github.com/k3s-io/k3s/releases/download/v1.36.3%2Bk3s1/k3s-airgap-images-amd64.tar.zst'; }
got=$(sha256 < "$part")
[ "$got" = "$wanted" ] || { echo "got $got, wanted $wanted"; exit 41; }
chmod 0644 "$part"; mv -f "$part" '/var/lib/rancher/k3s/agent/images/k3s-airgap-images-amd64.tar.zst'; trap - EXIT
echo "new $wanted /var/lib/rancher/k3s/agent/images/k3s-airgap-images-amd64.tar.zst"


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
failed() { is_refused "$1" && exit 45; exit 44; }
directory=$(dirname '/var/lib/leafspan/k3s-install.sh'); mkdir -p "$directory"
sums=$(set -o pipefail; curl -fsSL --retry 3 --connect-timeout 10 --max-time 60 --proto-redir '=https' 'https://raw.githubusercontent.com/k3s-io/k3s/v1.36.3%2Bk3s1/install.sh.sha256sum' | head -c 65536) || failed 'https://raw.githubusercontent.com/k3s-io/k3s/v1.36.3%2Bk3s1/install.sh.sha256sum'
wanted=$(awk '
  NF == 1 && length($1) == 64 { alone = $1 }
  { name = $2; sub(/^\*/, "", name); sub(/^.*\//, "", name) }
  name == "install.sh" { named = $1 }
  END { print named != "" ? named : NR == 1 ? alone : "" }
' <<<"$sums")
[ -n "$wanted" ] || exit 42
known="$wanted "'https://raw.githubusercontent.com/k3s-io/k3s/v1.36.3%2Bk3s1/install.sh'
grep -qsxF -- "$known" /var/lib/leafspan/sums || { mkdir -p "$(dirname /var/lib/leafspan/sums)"; echo "$known" >> /var/lib/leafspan/sums; }
if [ -f '/var/lib/leafspan/k3s-install.sh' ] && [ "$(sha256 < '/var/lib/leafspan/k3s-install.sh')" = "$wanted" ]; then chmod 0700 '/var/lib/leafspan/k3s-install.sh'; echo "same $wanted /var/lib/leafspan/k3s-install.sh"; exit 0; fi
part=$(mktemp "$directory/.leafspan-XXXXXX"); trap 'rm -f "$part"' EXIT
fetch_file "$part" 'https://raw.githubusercontent.com/k3s-io/k3s/v1.36.3%2Bk3s1/install.sh' || { [ $? != 28 ] || exit 28; failed 'https://raw.githubusercontent.com/k3s-io/k3s/v1.36.3%2Bk3s1/install.sh'; }
got=$(sha256 < "$part")
[ "$got" = "$wanted" ] || { echo "got $got, wanted $wanted"; exit 41; }
chmod 0700 "$part"; mv -f "$part" '/var/lib/leafspan/k3s-install.sh'; trap - EXIT
echo "new $wanted /var/lib/leafspan/k3s-install.sh"


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
failed() { is_refused "$1" && exit 45; exit 44; }
directory=$(dirname '/usr/local/bin/linkerd'); mkdir -p "$directory"
sums=$(set -o pipefail; curl -fsSL --retry 3 --connect-timeout 10 --max-time 60 --proto-redir '=https' 'https://github.com/linkerd/linkerd2/releases/download/edge-26.8.3/linkerd2-cli-edge-26.8.3-linux-amd64.sha256' | head -c 65536) || failed 'https://github.com/linkerd/linkerd2/releases/download/edge-26.8.3/linkerd2-cli-edge-26.8.3-linux-amd64.sha256'
wanted=$(awk '
  NF == 1 && length($1) == 64 { alone = $1 }
  { name = $2; sub(/^\*/, "", name); sub(/^.*\//, "", name) }
  name == "linkerd2-cli-edge-26.8.3-linux-amd64" { named = $1 }
  END { print named != "" ? named : NR == 1 ? alone : "" }
' <<<"$sums")
[ -n "$wanted" ] || exit 42
known="$wanted "'https://github.com/linkerd/linkerd2/releases/download/edge-26.8.3/linkerd2-cli-edge-26.8.3-linux-amd64'
grep -qsxF -- "$known" /var/lib/leafspan/sums || { mkdir -p "$(dirname /var/lib/leafspan/sums)"; echo "$known" >> /var/lib/leafspan/sums; }
if [ -f '/usr/local/bin/linkerd' ] && [ "$(sha256 < '/usr/local/bin/linkerd')" = "$wanted" ]; then chmod 0755 '/usr/local/bin/linkerd'; echo "same $wanted /usr/local/bin/linkerd"; exit 0; fi
part=$(mktemp "$directory/.leafspan-XXXXXX"); trap 'rm -f "$part"' EXIT
fetch_file "$part" 'https://github.com/linkerd/linkerd2/releases/download/edge-26.8.3/linkerd2-cli-edge-26.8.3-linux-amd64' || { [ $? != 28 ] || exit 28; failed 'https://github.com/linkerd/linkerd2/releases/download/edge-26.8.3/linkerd2-cli-edge-26.8.3-linux-amd64'; }
got=$(sha256 < "$part")
[ "$got" = "$wanted" ] || { echo "got $got, wanted $wanted"; exit 41; }
chmod 0755 "$part"; mv -f "$part" '/usr/local/bin/linkerd'; trap - EXIT
echo "new $wanted /usr/local/bin/linkerd"

