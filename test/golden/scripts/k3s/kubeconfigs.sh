
home=$(getent passwd 'ubuntu' | cut -d: -f6); group=$(id -gn 'ubuntu')
install -d -m 0700 -o 'ubuntu' -g "$group" "$home/.kube"
put() {
  [ -f "$2" ] && cmp -s "$1" "$2" && [ "$(stat -c '%a %U' "$2")" = '600 ubuntu' ] && return 0
  if [ -f "$2" ] && ! grep -qx '# written by leafspan' "$2" && [ ! -e "$2.before-leafspan" ]; then mv "$2" "$2.before-leafspan"; fi
  install -m 0600 -o 'ubuntu' -g "$group" "$1" "$2.part"; mv -f "$2.part" "$2"; echo "$2"
}
umask 077; work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
{ echo '# written by leafspan'; cat /etc/rancher/k3s/k3s.yaml; } > "$work/config"
sed -e 's#https://127.0.0.1:6443#https://192.0.2.10:6443#' -e 's#: default$#: cluster-a#' "$work/config" > "$work/external"
put "$work/config" "$home/.kube/config"
put "$work/external" "$home/.kube/config-external"

