
sha256() {
  local sum
  if sum=$(openssl dgst -sha256 -r </dev/null 2>/dev/null) && [ "${sum%% *}" = e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 ]
  then sum=$(openssl dgst -sha256 -r)
  else sum=$(sha256sum)
  fi
  echo "${sum%% *}"
}
user='ubuntu'; home=$(getent passwd "$user" | cut -d: -f6)
[ -d "$home" ] || { echo "$user has no home directory" >&2; exit 1; }
files=("$home/.kube/config" "$home/.kube/config-external" /usr/local/bin/kubectl)
wanted() {
  case $1 in /usr/local/bin/kubectl) printf '%s\n' '#!/bin/sh
# written by leafspan: the kubectl of K3s takes /etc/rancher/k3s/k3s.yaml only, which others than root may not read
if [ -z "$KUBECONFIG" ] && [ ! -r /etc/rancher/k3s/k3s.yaml ]; then export KUBECONFIG="$HOME/.kube/config"; fi
exec /usr/local/bin/k3s kubectl "$@"'; return ;; esac
  echo '# written by leafspan'
  case $1 in
    */config) cat /etc/rancher/k3s/k3s.yaml ;;
    *) sed -e 's#https://127.0.0.1:6443#https://192.0.2.10:6443#' -e 's#: default$#: cluster-a#' /etc/rancher/k3s/k3s.yaml ;;
  esac
}
current() { [ -s /etc/rancher/k3s/k3s.yaml ] && cmp -s <(wanted "$1") "$1"; }
ours() { [ -f "$1" ] && { current "$1" || grep -qsxF "file $(sha256 < "$1") $1" /var/lib/leafspan/kubeconfigs; }; }
missing() { [ ! -e "$1" ] && [ ! -L "$1" ]; }
linked() { [ "$(readlink "$1")" = k3s ] && [ -e /var/lib/leafspan/before/paths ]; }
access() { if [ "$1" = /usr/local/bin/kubectl ]; then echo "755 $(id -un)"; else echo "600 $user"; fi; }
state() {
  if [ "$1" = /usr/local/bin/kubectl ] && missing "$1" && command -v kubectl >/dev/null; then echo theirs
  elif missing "$1" || linked "$1"; then echo absent
  elif ! ours "$1"; then echo theirs
  elif ! current "$1"; then echo stale
  elif [ "$(stat -c '%a %U' "$1")" != "$(access "$1")" ]; then echo mode
  else echo same
  fi
}
for file in "${files[@]}"; do if ours "$file"; then echo "$file"; fi; done
if [ -d "$home/.kube" ] && grep -qsxF "directory $home/.kube" /var/lib/leafspan/kubeconfigs; then
  others=no
  while read -r -d '' entry; do
    ours "$entry" || others=yes
  done < <(find "$home/.kube" -mindepth 1 -maxdepth 1 ! -name cache -print0)
  if [ $others = no ]; then echo "$home/.kube"; fi
fi

