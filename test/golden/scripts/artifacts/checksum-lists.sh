
command -v curl >/dev/null || exit 43
proxies=()
while IFS='=' read -r name value || [ -n "$name" ]; do
  name=${name#export }
  case ${name,,} in http_proxy|https_proxy|all_proxy|no_proxy) value=${value#[\"\']}; proxies+=("$name=${value%[\"\']}") ;; esac
done < <(cat /etc/environment 2>/dev/null)
[ ${#proxies[@]} -eq 0 ] || export "${proxies[@]}"
fetch() {
  local list
  list=$(set -o pipefail; curl -fsSL --connect-timeout 10 --max-time 30 "$1" | head -c 65537) || return 0
  # What fits into the pipe after the cut is written without an error, so the length decides.
  [ "$(printf %s "$list" | wc -c)" -le 65536 ] || return 0
  echo "list $1"; echo "$list"
}
fetch 'https://github.com/k3s-io/k3s/releases/download/v1.36.3%2Bk3s1/sha256sum-amd64.txt'
fetch 'https://github.com/k3s-io/k3s/releases/download/v1.36.3%2Bk3s1/sha256sum-amd64.txt'
fetch 'https://raw.githubusercontent.com/k3s-io/k3s/v1.36.3%2Bk3s1/install.sh.sha256sum'

