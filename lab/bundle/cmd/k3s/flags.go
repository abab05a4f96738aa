package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

type flagKind int

const (
	text flagKind = iota
	toggle
	list
)

// knownFlags are `k3s server`'s flags, which are config.yaml's keys too. Those that only matter to parts
// that this stand-in does not have (flannel, etcd snapshots, Helm) are taken and have no effect.
var knownFlags = map[string]flagKind{
	"config": text, "data-dir": text, "debug": toggle, "v": text, "vmodule": text, "log": text, "alsologtostderr": toggle,
	"bind-address": text, "https-listen-port": text, "advertise-address": text, "advertise-port": text, "tls-san": list,
	"tls-san-security": toggle, "cluster-cidr": list, "service-cidr": list, "service-node-port-range": text,
	"cluster-dns": list, "cluster-domain": text, "flannel-backend": text, "flannel-iface": text, "flannel-external-ip": toggle,
	"egress-selector-mode": text, "servicelb-namespace": text, "write-kubeconfig": text, "write-kubeconfig-mode": text,
	"write-kubeconfig-group": text, "token": text, "token-file": text, "agent-token": text, "cluster-init": toggle,
	"kube-apiserver-arg": list, "kube-controller-manager-arg": list, "kube-scheduler-arg": list, "kubelet-arg": list,
	"kube-proxy-arg": list, "etcd-arg": list, "etcd-disable-snapshots": toggle, "default-local-storage-path": text,
	"disable": list, "disable-network-policy": toggle, "disable-helm-controller": toggle, "disable-cloud-controller": toggle,
	"disable-kube-proxy": toggle, "disable-default-registry-endpoint": toggle, "node-name": text, "with-node-id": toggle,
	"node-label": list, "node-taint": list, "node-ip": list, "node-external-ip": list, "node-internal-dns": list,
	"node-external-dns": list, "resolv-conf": text, "pause-image": text, "snapshotter": text, "private-registry": text,
	"system-default-registry": text, "embedded-registry": toggle, "selinux": toggle, "prefer-bundled-bin": toggle,
	"protect-kernel-defaults": toggle, "secrets-encryption": toggle, "secrets-encryption-provider": text,
	"write-kubeconfig-name": text, "image-credential-provider-bin-dir": text, "image-credential-provider-config": text,
	"nonroot-devices": toggle, "lb-server-port": text, "enable-pprof": toggle, "kine-tls": toggle,
}

var disableable = []string{"coredns", "servicelb", "traefik", "local-storage", "metrics-server", "runtimes", "gateway-api-crd"}

// environment holds the variables that the install script's environment file may carry.
var environment = map[string]string{
	"K3S_TOKEN": "token", "K3S_TOKEN_FILE": "token-file", "K3S_NODE_NAME": "node-name", "K3S_DATA_DIR": "data-dir",
	"K3S_KUBECONFIG_OUTPUT": "write-kubeconfig", "K3S_KUBECONFIG_MODE": "write-kubeconfig-mode",
	"K3S_RESOLV_CONF": "resolv-conf", "K3S_DEBUG": "debug",
}

type flagValues map[string][]string

// readFlags merges, weakest first: environment, config.yaml with config.yaml.d, command line. A list on the command line
// replaces the list of the files wholly, as in K3s.
func readFlags(arguments []string) (flagValues, error) {
	given, err := parseArguments(arguments)
	if err != nil {
		return nil, err
	}
	values := flagValues{}
	for variable, flag := range environment {
		if value := os.Getenv(variable); value != "" {
			values[flag] = []string{value}
		}
	}
	main := configFile
	if named := given["config"]; len(named) > 0 {
		main = named[len(named)-1]
	}
	if value := os.Getenv("K3S_CONFIG_FILE"); value != "" {
		main = value
	}
	written, err := readConfigFiles(main)
	if err != nil {
		return nil, err
	}
	for _, layer := range []flagValues{written, given} {
		for flag, value := range layer {
			values[flag] = value
		}
	}
	return values, nil
}

func parseArguments(arguments []string) (flagValues, error) {
	values := flagValues{}
	for i := 0; i < len(arguments); i++ {
		if !strings.HasPrefix(arguments[i], "-") {
			return nil, fmt.Errorf("unexpected argument: %q", arguments[i])
		}
		name, value, hasValue := strings.Cut(strings.TrimLeft(arguments[i], "-"), "=")
		kind, known := knownFlags[name]
		if !known {
			return nil, fmt.Errorf("flag provided but not defined: -%s", name)
		}
		if !hasValue && kind == toggle {
			value = "true"
		} else if !hasValue {
			i++
			if i == len(arguments) {
				return nil, fmt.Errorf("flag needs an argument: -%s", name)
			}
			value = arguments[i]
		}
		values[name] = append(values[name], value)
	}
	return values, nil
}

func asTexts(value any) []string {
	switch typed := value.(type) {
	case nil:
		return nil
	case []any:
		var texts []string
		for _, item := range typed {
			texts = append(texts, asTexts(item)...)
		}
		return texts
	case float64:
		return []string{strconv.FormatFloat(typed, 'f', -1, 64)}
	}
	return []string{fmt.Sprint(value)}
}

func (f flagValues) text(name, otherwise string) string {
	if values := f[name]; len(values) > 0 && values[len(values)-1] != "" {
		return values[len(values)-1]
	}
	return otherwise
}

func (f flagValues) is(name string) (bool, error) {
	value, err := strconv.ParseBool(f.text(name, "false"))
	if err != nil {
		return false, fmt.Errorf("invalid boolean value for -%s: %w", name, err)
	}
	return value, nil
}

// items splits on commas too: K3s takes `disable: traefik,servicelb` as well as a list.
func (f flagValues) items(name string) []string {
	var items []string
	for _, value := range f[name] {
		for item := range strings.SplitSeq(value, ",") {
			if item = strings.TrimSpace(item); item != "" {
				items = append(items, item)
			}
		}
	}
	return items
}
