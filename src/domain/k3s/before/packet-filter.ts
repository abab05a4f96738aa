import { BEFORE_DIRECTORY } from '../../hosts/paths.js';

/**
 * A shell function that prints, as input of `iptables-restore --noflush`, what removes the rules and chains of K3s: by the
 * exact names of kube-proxy, its network policies and flannel, and of the CNI plugins only what they did for K3s's network
 * cbr0. Others use the same plugins. Rules and chains that were there before stay, and so do all counters. Where the host has
 * no tools for it, those that K3s brings are used, as K3s itself does.
 */
export const PACKET_FILTER_FUNCTION = `
PATH=$PATH:/var/lib/rancher/k3s/data/current/bin/aux
own_rules() {
  command -v "$1-save" >/dev/null || return 0
  "$1-save" 2>/dev/null | awk -v before="${BEFORE_DIRECTORY}/$1" '
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
        if (line ~ /^\\*/) at = line
        else if (line ~ /^:/) { split(line, word, " "); there[at " " substr(word[1], 2)] = 1 }
        else there[at " " line] = 1
      }
    }
    /^\\*/ { table = $0 }
    /^:/ { name[++chains] = substr($1, 2) }
    /^-A/ { rule[++rules] = $0 }
    /^COMMIT/ { finish() }'
}
`;

/**
 * A shell function that prints the sets of addresses of K3s's network policies. They stay in the kernel when K3s ends, and
 * few hosts have the tool: K3s brings it.
 */
export const ADDRESS_SETS_FUNCTION = `
ipset=/var/lib/rancher/k3s/data/current/bin/ipset; [ -x "$ipset" ] || ipset=ipset
own_sets() {
  "$ipset" list -n 2>/dev/null | grep -E '^(inet6:)?KUBE-(SRC|DST)-' | while read -r set; do
    grep -qsxF -- "$set" ${BEFORE_DIRECTORY}/sets || echo "$set"
  done
}
`;
