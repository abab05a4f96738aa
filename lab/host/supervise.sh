#!/bin/sh
# supervise.sh MACHINE HOST FOLDER SWITCH ADDRESS GATEWAY GROUP: runs one lab host until it is powered off.
# nspawn ends with 133 when the host wants to reboot: what a real machine loses then (network, control groups) is made anew.
set -u
machine=$1 host=$2 folder=$3 switch=$4 address=$5 gateway=$6 group=$7
hierarchies=$(awk '$3 == "cgroup" || $3 == "cgroup2" { print $2 }' /proc/mounts)

# cpuset (v1) takes no process before it has processors and memory nodes.
seed_cpuset() {
  for f in cpuset.cpus cpuset.mems; do
    [ ! -e "$1/$f" ] || [ -n "$(cat "$1/$f")" ] || cat "$(dirname "$1")/$f" >"$1/$f"
  done
}

# v2 hands a controller down only where the parent says so.
delegate() {
  [ -e "$1/cgroup.subtree_control" ] || return 0
  for c in $(cat "$1/cgroup.controllers"); do echo "+$c" >"$1/cgroup.subtree_control"; done 2>/dev/null
}

# Joins with the process that calls it (a sub-shell: itself).
join() {
  for h in $hierarchies; do
    mkdir -p "$h/$group/$1"
    delegate "$h"
    delegate "$h/$group"
    for f in cpuset.cpus cpuset.mems; do [ ! -e "$h/$f" ] || { seed_cpuset "$h/$group"; seed_cpuset "$h/$group/$1"; }; done
    echo 0 >"$h/$group/$1/cgroup.procs"
  done 2>/dev/null
}

clear_groups() {
  for h in $hierarchies; do
    find "$h/$group/$host" -mindepth 1 -depth -type d -exec rmdir {} \; 2>/dev/null
  done
}

# The cable is kept (what hangs on the switch's end of it, a delay say, outlives a reboot); the namespace is not.
fresh_network() {
  cable=$host-cable
  ip -n "$machine" link set eth0 down netns "$switch" name "$cable" 2>/dev/null
  ip netns del "$machine" 2>/dev/null || rm -f "/run/netns/$machine"
  ip netns add "$machine"
  ip -n "$switch" link show "$cable" >/dev/null 2>&1 || ip -n "$switch" link add "$host" type veth peer name "$cable"
  ip -n "$switch" -batch - <<BATCH
link set $host master bridge up
link set $cable netns $machine name eth0
BATCH
  ip -n "$machine" -batch - <<BATCH
link set lo up
addr add $address/24 dev eth0
link set eth0 up
route add default via $gateway
BATCH
}

join supervisor
while :; do
  clear_groups
  fresh_network
  (
    join "$host"
    # From within the namespace: /sys shows the network of the one that mounts it.
    SYSTEMD_NSPAWN_API_VFS_WRITABLE=yes exec nsenter --net="/run/netns/$machine" systemd-nspawn --quiet \
      --boot --register=no --keep-unit --settings=no \
      --directory="$folder/root" --bind="$folder/disk/var-lib:/var/lib" --bind=/dev/kmsg \
      --machine="$machine" --hostname="$host" --network-namespace-path="/run/netns/$machine" \
      --capability=all --system-call-filter='@known bpf keyctl' \
      --resolv-conf=off --timezone=off --link-journal=no --console=read-only </dev/null
  )
  code=$?
  echo "$(date +%T) $host ended with $code"
  [ "$code" = 133 ] || exit "$code"
done
