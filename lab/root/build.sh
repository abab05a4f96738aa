#!/bin/sh
# build.sh OUT SUITE [MIRROR]: makes OUT/root (the Debian root that every host overlays) and OUT/disk.img (the empty disk that
# every host starts from, with a copy of /var/lib). Runs in namespaces of its own: when it dies, its mounts and children die too.
set -eu
out=$1 suite=$2 mirror=${3-}
recipe=$(dirname "$(readlink -f "$0")")
root=$out/root
include=$(paste -sd, "$recipe/packages.txt")

# dpkg syncs every file otherwise; a root that a crash leaves half made is thrown away anyway.
mkdir -p "$root/etc/dpkg/dpkg.cfg.d"
echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/leafspan-lab"
debootstrap --variant=minbase --include="$include" "$suite" "$root" ${mirror:+"$mirror"}
rm "$root/etc/dpkg/dpkg.cfg.d/leafspan-lab"

echo 'I: Configuring the host root'
cp -R "$recipe/files/." "$root/"
chroot "$root" useradd --create-home --shell /bin/bash --uid 1000 --password '*' ubuntu
chmod 0440 "$root/etc/sudoers.d/ubuntu"
# debootstrap copies names and settings of the machine that it runs on, and one machine id for all.
rm -f "$root"/etc/ssh/ssh_host_* "$root/etc/hostname" "$root/etc/resolv.conf" "$root/var/lib/dbus/machine-id"
: >"$root/etc/resolv.conf"
: >"$root/etc/machine-id"
# Kernel settings that are not per network namespace would change the machine that carries the lab.
rm -f "$root"/usr/lib/sysctl.d/*.conf "$root/etc/sysctl.conf" "$root"/etc/sysctl.d/99-sysctl.conf
xargs chroot "$root" systemctl --quiet mask <"$recipe/masked-units.txt"
chroot "$root" systemctl --quiet enable ssh.service cgroup-write.service
# Firewalls are there for tests, which start them. Sessions of logind came with firewalld, and no lab host has them.
chroot "$root" systemctl --quiet disable ufw.service firewalld.service
chroot "$root" pam-auth-update --package --remove systemd
chroot "$root" systemctl --quiet set-default multi-user.target
rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/var/log/*.log "$root"/var/log/apt

echo 'I: Making the disk image'
mkdir -p "$out/disk/up" "$out/disk/work"
cp -a "$root/var/lib" "$out/disk/var-lib"
# A sparse file: it takes what is written to it. No journal: no host outlives the kernel that would replay it.
mkfs.ext4 -q -F -m 0 -O ^has_journal -d "$out/disk" "$out/disk.img" 32G
rm -rf "$out/disk"
