
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
fetch() {
  local list
  list=$(set -o pipefail; curl -fsSL --connect-timeout 10 --max-time 30 --proto-redir '=https' "$1" | head -c 65537) || { is_refused "$1" && echo "refused $1"; return 0; }
  # What fits into the pipe after the cut is written without an error, so the length decides.
  [ "$(printf %s "$list" | wc -c)" -le 65536 ] || return 0
  echo "list $1"; echo "$list"
}
[ ! -f /var/lib/leafspan/sums ] || sed 's/^/known /' /var/lib/leafspan/sums
fetch 'https://github.com/k3s-io/k3s/releases/download/v1.36.3%2Bk3s1/sha256sum-amd64.txt'
fetch 'https://github.com/k3s-io/k3s/releases/download/v1.36.3%2Bk3s1/sha256sum-amd64.txt'
fetch 'https://raw.githubusercontent.com/k3s-io/k3s/v1.36.3%2Bk3s1/install.sh.sha256sum'

