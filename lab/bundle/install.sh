#!/bin/sh
# Installs the k3s executable that lies in the binary folder as a systemd service, from files alone: there is no download.
# It honours the INSTALL_K3S_* variables of K3s's own install script that have a meaning without one:
#   INSTALL_K3S_SKIP_DOWNLOAD=true  must be set: the executable is put in place by the caller
#   INSTALL_K3S_SKIP_START=true     install and enable, do not start
#   INSTALL_K3S_SKIP_ENABLE=true    install, neither enable nor start
#   INSTALL_K3S_FORCE_RESTART=true  restart even if nothing changed
#   INSTALL_K3S_SYMLINK=skip|force  make no command links, or make them over what is there
#   INSTALL_K3S_BIN_DIR, INSTALL_K3S_BIN_DIR_READ_ONLY, INSTALL_K3S_SYSTEMD_DIR  where things go
#   INSTALL_K3S_EXEC                the command and its arguments
#   INSTALL_K3S_NAME, INSTALL_K3S_TYPE  the service's name (prefixed with k3s-) and its systemd type
# K3S_*, CONTAINERD_* and proxy variables of the caller go into the service's environment file.
set -eu
umask 022

say() { echo "[INFO]  $*"; }
warn() { echo "[WARN]  $*" >&2; }
give_up() {
  echo "[ERROR]  $*" >&2
  exit 1
}

# One word, safe in single quotes for sh, systemd's ExecStart and its environment files alike.
quote() {
  printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")"
}

as_root=
[ "$(id -u)" -eq 0 ] || as_root=sudo

read_command() {
  # The caller's text is split into words as a shell would, which is how K3s reads it too.
  eval "set -- ${INSTALL_K3S_EXEC:-} $*"
  case "${1:-}" in
  server | agent)
    command=$1
    shift
    ;;
  -* | '')
    command=server
    if [ -n "${K3S_URL:-}" ]; then
      command=agent
      [ -n "${K3S_TOKEN:-}${K3S_TOKEN_FILE:-}" ] ||
        give_up "K3S_URL makes this an agent, which needs K3S_TOKEN or K3S_TOKEN_FILE too"
    fi
    ;;
  *)
    command=$1
    shift
    ;;
  esac
  case "${K3S_URL:-}" in
  '' | https://*) ;;
  *) give_up "K3S_URL must begin with https://, it is ${K3S_URL}" ;;
  esac
  exec_lines="    $command"
  for word in "$@"; do
    exec_lines="$exec_lines \\
	$(quote "$word")"
  done
}

read_settings() {
  if [ -n "${INSTALL_K3S_NAME:-}" ]; then
    system=k3s-$INSTALL_K3S_NAME
  elif [ "$command" = server ]; then
    system=k3s
  else
    system=k3s-$command
  fi
  case "$system" in
  *[!a-zA-Z0-9@_.-]*) give_up "the service name \"$system\" has characters that systemd does not take" ;;
  esac
  type=${INSTALL_K3S_TYPE:-}
  [ -n "$type" ] || { [ "$command" = server ] && type=notify || type=exec; }
  bin=${INSTALL_K3S_BIN_DIR:-}
  if [ -z "$bin" ]; then
    bin=/usr/local/bin
    if ! $as_root sh -c "touch $bin/.k3s-writable && rm -f $bin/.k3s-writable" 2>/dev/null; then
      [ -d /opt/bin ] && bin=/opt/bin
    fi
  fi
  units=${INSTALL_K3S_SYSTEMD_DIR:-/etc/systemd/system}
  data=${K3S_DATA_DIR:-/var/lib/rancher/k3s}
  unit=$units/$system.service
  environment=$unit.env
  killall=$bin/k3s-killall.sh
  uninstall=$bin/$system-uninstall.sh
  if [ "$command" = agent ] && [ -z "${INSTALL_K3S_NAME:-}" ]; then uninstall=$bin/k3s-agent-uninstall.sh; fi
}

check_host() {
  command -v systemctl >/dev/null 2>&1 || give_up "no systemctl on this host: k3s is run as a systemd service"
  case "${INSTALL_K3S_SKIP_DOWNLOAD:-false}" in
  true | binary) ;;
  *) give_up "this script installs from files only: put k3s at $bin/k3s and set INSTALL_K3S_SKIP_DOWNLOAD=true" ;;
  esac
  [ -f "$bin/k3s" ] && [ -x "$bin/k3s" ] || give_up "no executable k3s at $bin/k3s"
}

fingerprint() {
  $as_root sha256sum "$bin/k3s" "$unit" "$environment" 2>&1 || true
}

link_commands() {
  [ "${INSTALL_K3S_SYMLINK:-}" != skip ] && [ "${INSTALL_K3S_BIN_DIR_READ_ONLY:-}" != true ] || return 0
  for name in kubectl crictl ctr; do
    if [ "${INSTALL_K3S_SYMLINK:-}" != force ]; then
      if [ -e "$bin/$name" ]; then
        say "$bin/$name is there, left as it is"
        continue
      fi
      if other=$(command -v "$name" 2>/dev/null); then
        say "no link for $name: $other comes first"
        continue
      fi
    fi
    say "linking $bin/$name to k3s"
    $as_root ln -sf k3s "$bin/$name"
  done
}

write_killall() {
  say "writing $killall"
  sed -e "s|@UNITS@|$units|g" -e "s|@DATA@|$data|g" <<'KILLALL' | $as_root tee "$killall" >/dev/null
#!/bin/sh
# Ends k3s with all its pods and takes away what they hold: mounts, network links, packet filter rules. Data stays.
[ "$(id -u)" -eq 0 ] || exec sudo --preserve-env=K3S_DATA_DIR "$0" "$@"
data=${K3S_DATA_DIR:-@DATA@}

for unit in @UNITS@/k3s*.service; do
  [ -e "$unit" ] && systemctl stop "$(basename "$unit")"
done

# A shim and all below it, told by the shim's path: containers of another containerd are not touched.
processes() {
  ps -e -o pid= -o ppid= -o args= | awk -v shim="^$data/data/[^/]*/bin/containerd-shim" '
    { parent[$1] = $2; if ($3 ~ shim) hit[$1] = 1 }
    END {
      for (pid in parent) {
        for (above = pid; above in parent && above > 1; above = parent[above])
          if (above in hit) { print pid; break }
      }
    }'
}
for round in 1 2 3; do
  found=$(processes)
  [ -n "$found" ] || break
  kill -9 $found 2>/dev/null
  sleep 0.05
done

unmount_below() {
  awk -v prefix="$1" 'index($2, prefix) == 1 { print $2 }' /proc/self/mounts | sort -ru | while read -r point; do
    # What is still mounted may be a volume with data.
    umount -f "$point" 2>/dev/null || umount -l "$point" || continue
    rm -rf --one-file-system "$point"
  done
}
unmount_below /run/k3s
unmount_below /var/lib/kubelet/pods
unmount_below /var/lib/kubelet/plugins
unmount_below /run/netns/cni-

ip netns list 2>/dev/null | awk '/^cni-/ { print $1 }' | while read -r name; do ip netns delete "$name"; done
ip -o link show 2>/dev/null | awk '/master cni0/ { sub(/@.*|:$/, "", $2); print $2 }' | while read -r name; do
  ip link delete "$name" 2>/dev/null
done
for name in cni0 flannel.1 flannel-v6.1 kube-ipvs0 flannel-wg flannel-wg-v6; do
  ip link delete "$name" 2>/dev/null
done
rm -rf /var/lib/cni/

for family in iptables ip6tables; do
  command -v "$family-save" >/dev/null 2>&1 || continue
  "$family-save" 2>/dev/null | grep -v -e KUBE- -e CNI- -e flannel | "$family-restore" 2>/dev/null
done
exit 0
KILLALL
  $as_root chmod 0755 "$killall"
}

write_uninstall() {
  say "writing $uninstall"
  sed -e "s|@UNIT@|$unit|g" -e "s|@UNITS@|$units|g" -e "s|@SYSTEM@|$system|g" -e "s|@ENVIRONMENT@|$environment|g" -e "s|@BIN@|$bin|g" \
    -e "s|@DATA@|$data|g" -e "s|@KILLALL@|$killall|g" -e "s|@UNINSTALL@|$uninstall|g" <<'UNINSTALL' | $as_root tee "$uninstall" >/dev/null
#!/bin/sh
# Takes k3s off this host with all its data. /etc/rancher/node stays: the node's identity survives a new installation.
[ "$(id -u)" -eq 0 ] || exec sudo --preserve-env=K3S_DATA_DIR "$0" "$@"
data=${K3S_DATA_DIR:-@DATA@}

@KILLALL@
systemctl disable @SYSTEM@ 2>/dev/null
systemctl reset-failed @SYSTEM@ 2>/dev/null
rm -f @UNIT@ @ENVIRONMENT@
systemctl daemon-reload
trap 'rm -f @UNINSTALL@' EXIT

if ls @UNITS@/k3s*.service >/dev/null 2>&1; then
  echo "other k3s services are installed on this host: their data and the executable stay"
  exit 0
fi
for name in kubectl crictl ctr; do
  [ -L "@BIN@/$name" ] && rm -f "@BIN@/$name"
done
rm -rf /etc/rancher/k3s /run/k3s /run/flannel "$data" /var/lib/kubelet
rm -f @BIN@/k3s @KILLALL@
exit 0
UNINSTALL
  $as_root chmod 0755 "$uninstall"
}

write_environment() {
  say "writing $environment"
  $as_root rm -f "$environment"
  # Made closed and filled afterwards: it may carry a token.
  $as_root touch "$environment"
  $as_root chmod 0600 "$environment"
  env | LC_ALL=C sort | grep -iE '^((K3S|CONTAINERD)_[A-Z0-9_]*|(no|http|https|all)_proxy)=' | while IFS='=' read -r name value; do
    printf '%s=%s\n' "$name" "$(quote "$value")"
  done | $as_root tee "$environment" >/dev/null
}

write_unit() {
  say "writing $unit"
  $as_root tee "$unit" >/dev/null <<UNIT
[Unit]
Description=Kubernetes in one program (lab build of k3s)
Wants=network-online.target
After=network-online.target

[Install]
WantedBy=multi-user.target

[Service]
Type=$type
EnvironmentFile=-/etc/default/%N
EnvironmentFile=-/etc/sysconfig/%N
EnvironmentFile=-$environment
KillMode=process
Delegate=yes
LimitNOFILE=1048576
LimitNPROC=infinity
LimitCORE=infinity
TasksMax=infinity
TimeoutStartSec=0
Restart=always
RestartSec=5s
ExecStartPre=-/sbin/modprobe -q -a br_netfilter overlay
ExecStart=$bin/k3s \\
$exec_lines

UNIT
  $as_root chmod 0644 "$unit"
}

enable_and_start() {
  if [ "${INSTALL_K3S_SKIP_ENABLE:-}" = true ]; then return 0; fi
  say "enabling $system"
  $as_root systemctl enable "$unit" >/dev/null
  $as_root systemctl daemon-reload >/dev/null
  if [ "${INSTALL_K3S_SKIP_START:-}" = true ]; then return 0; fi
  if [ "$before" = "$(fingerprint)" ] && [ "${INSTALL_K3S_FORCE_RESTART:-}" != true ]; then
    say "nothing changed: $system is left as it is"
    return 0
  fi
  if command -v iptables-save >/dev/null 2>&1; then
    for family in iptables ip6tables; do
      # Rules of an earlier run would send packets to pods that are gone.
      rules=$($as_root "$family-save" 2>/dev/null | grep -E 'KUBE-|flannel' || true)
      [ -z "$rules" ] || $as_root sh -c "$family-save | grep -v -e KUBE- -e flannel | $family-restore" || true
    done
  else
    warn "no iptables-save on this host: rules of an earlier run stay"
  fi
  say "starting $system"
  $as_root systemctl restart "$system"
}

read_command "$@"
read_settings
check_host
before=$(fingerprint)
link_commands
[ "${INSTALL_K3S_BIN_DIR_READ_ONLY:-}" = true ] || { write_killall; write_uninstall; }
$as_root systemctl disable "$system" >/dev/null 2>&1 || true
$as_root rm -f "$unit" "$environment"
write_environment
write_unit
enable_and_start
