
was_there() { grep -qsxF -- "$1" /var/lib/leafspan/before/paths; }
was_mounted() { grep -qsxF -- "$1" /var/lib/leafspan/before/mounts; }
was_up() { grep -qsxF -- "$1" /var/lib/leafspan/before/interfaces; }
# A directory that was there stays, and so does what was in it, whether it is a mount, a link or neither.
inside() { for entry in "$1"/* "$1"/.[!.]* "$1"/..?*; do if [ -e "$entry" ] || [ -L "$entry" ]; then echo "$entry"; fi; done; }
clear() {
  if ! was_there "$1"; then rm -rf --one-file-system -- "$1"; return; fi
  [ -d "$1" ] || return 0
  inside "$1" | while IFS= read -r path; do clear "$path"; done
}
left() {
  [ -e "$1" ] || [ -L "$1" ] || return 0
  if ! was_there "$1"; then echo "file $1"; return; fi
  [ -d "$1" ] || return 0
  inside "$1" | while IFS= read -r path; do left "$path"; done
}

PATH=$PATH:/var/lib/rancher/k3s/data/current/bin/aux
own_rules() {
  command -v "$1-save" >/dev/null || return 0
  "$1-save" 2>/dev/null | awk -v before="/var/lib/leafspan/before/$1" '
    function named(chain) { return chain ~ /^(KUBE-|FLANNEL-)/ }
    function target(line,   found) { return match(line, / -[jg] [^ ]+/) ? substr(line, RSTART + 4, RLENGTH - 4) : "" }
    function of_k3s(line) { return line ~ /name: ..?cbr0/ || line ~ /--comment "?flanneld (forward|masq)/ }
    function finish(   i, chain, own, changed) {
      for (i = 1; i <= rules; i++) if (of_k3s(rule[i]) && target(rule[i]) ~ /^CNI-/) mine[target(rule[i])] = 1
      # A chain that the plugins share goes when they made it for K3s alone.
      for (i = 1; i <= rules; i++) if (rule[i] ~ /name: /) { split(rule[i], word, " "); if (!of_k3s(rule[i])) others[word[2]] = 1 }
      for (i = 1; i <= chains; i++) {
        chain = name[i]; own = named(chain) || chain in mine || (chain ~ /^CNI-HOSTPORT-/ && !(chain in others))
        if (own && !((table " " chain) in there)) { mine[chain] = 1; print_table(); print ":" chain " - [0:0]" } else delete mine[chain]
      }
      for (i = 1; i <= rules; i++) {
        split(rule[i], word, " ")
        if (word[2] in mine || (table " " rule[i]) in there) continue
        if (target(rule[i]) in mine || of_k3s(rule[i])) { print_table(); sub(/^-A/, "-D", rule[i]); print rule[i] }
      }
      for (i = 1; i <= chains; i++) if (name[i] in mine) print "-X " name[i]
      if (printed) print "COMMIT"
      split("", mine); split("", others); rules = chains = printed = 0
    }
    function print_table() { if (!printed) print table; printed = 1 }
    BEGIN {
      while ((getline line < before) > 0) {
        if (line ~ /^\*/) at = line
        else if (line ~ /^:/) { split(line, word, " "); there[at " " substr(word[1], 2)] = 1 }
        else there[at " " line] = 1
      }
    }
    /^\*/ { table = $0 }
    /^:/ { name[++chains] = substr($1, 2) }
    /^-A/ { rule[++rules] = $0 }
    /^COMMIT/ { finish() }'
}

ipset=/var/lib/rancher/k3s/data/current/bin/ipset; [ -x "$ipset" ] || ipset=ipset
own_sets() {
  "$ipset" list -n 2>/dev/null | grep -E '^(inet6:)?KUBE-(SRC|DST)-' | while read -r set; do
    grep -qsxF -- "$set" /var/lib/leafspan/before/sets || echo "$set"
  done
}

top=$(sed -n 's|^[0-9]*:[^:]*:\(.*\)/init\.scope$|\1|p' /proc/1/cgroup | head -n 1)
here() { while read -r pid; do if [ "/proc/$pid/ns/pid" -ef /proc/self/ns/pid ]; then echo "$pid"; fi; done; }
in_use() { [ -n "$(ip netns pids "$1" 2>/dev/null)" ]; }
data=$(readlink -f /var/lib/rancher/k3s/data); [ -n "$data" ] || data=/var/lib/rancher/k3s/data
processes() {
  pgrep -f "$data/|/var/lib/rancher/k3s/data/|^/usr/local/bin/k3s " | here
  grep -lsE "^[0-9]+:[^:]*:$top/kubepods(/|\.slice)" /proc/[0-9]*/cgroup | cut -d/ -f3
}
mounts() { awk '$2 ~ "^(/run/k3s|/var/lib/kubelet|/var/lib/rancher|/run/netns/cni-)" {print $2}' /proc/self/mounts | sort -r | while IFS= read -r mount; do was_mounted "$mount" || { [[ $mount == /run/netns/* ]] && in_use "${mount##*/}"; } || echo "$mount"; done; }
interfaces() { ls /sys/class/net | grep -E '^(cni0|flannel\.1|flannel-v6\.1|flannel-wg|flannel-wg-v6|kube-ipvs0)$' | while read -r link; do was_up "$link" || echo "$link"; done; }

for path in '/usr/local/bin/k3s' '/usr/local/bin/k3s-killall.sh' '/usr/local/bin/k3s-uninstall.sh' '/etc/systemd/system/k3s.service' '/etc/systemd/system/k3s.service.env' '/etc/systemd/system/multi-user.target.wants/k3s.service' '/etc/rancher/k3s' '/etc/rancher/node' '/var/lib/rancher/k3s' '/run/k3s' '/run/flannel' '/var/lib/kubelet' '/var/lib/cni' '/var/log/pods' '/var/log/containers'; do left "$path"; done
systemctl list-units --all --plain --no-legend 'k3s*' 2>/dev/null | awk '{print "unit " $1}'
for pid in $(processes); do echo "process $pid $(tr '\0' ' ' < /proc/$pid/cmdline 2>/dev/null | cut -d' ' -f1)"; done
mounts | sed 's/^/mount /'
interfaces | sed 's/^/interface /'
for family in iptables ip6tables; do own_rules $family | grep -cE '^-[DX] ' | awk -v f=$family '$1 > 0 {print f " " $1 " rules"}'; done
own_sets | sed 's/^/set /'
true

