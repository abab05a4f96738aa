package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func configFrom(t *testing.T, content string, arguments ...string) (*serverConfig, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return readServerConfig(append([]string{"--config", file, "--node-ip", "10.0.0.37"}, arguments...))
}

func TestReadsConfigFile(t *testing.T) {
	config, err := configFrom(t, "node-external-ip: 203.0.113.10\ntls-san: [vm-a.example.net]\ndisable: traefik,servicelb\nwrite-kubeconfig-mode: \"0644\"\nsecrets-encryption: true\ndata-dir: /srv/k3s\nservice-cidr: 10.53.0.0/16\n")
	if err != nil {
		t.Fatal(err)
	}
	if config.advertiseAddress != "203.0.113.10" {
		t.Errorf("an external address is advertised unless advertise-address is set, got %s", config.advertiseAddress)
	}
	if !config.disabled["servicelb"] || !config.disabled["traefik"] || config.disabled["coredns"] {
		t.Errorf("disabled: %v", config.disabled)
	}
	if config.dnsIP != "10.53.0.10" || config.kubernetesIP.String() != "10.53.0.1" {
		t.Errorf("service addresses: %s, %s", config.dnsIP, config.kubernetesIP)
	}
	if config.kubeconfigMode != 0o644 || !config.secretsEncryption {
		t.Errorf("mode %o, encryption %v", config.kubeconfigMode, config.secretsEncryption)
	}
	if config.localStorage != "/srv/k3s/storage" {
		t.Errorf("volumes are in the data directory unless default-local-storage-path is set, got %s", config.localStorage)
	}
	names, ips := servingNames(config)
	if !slices.Contains(names, "vm-a.example.net") || len(ips) != 5 {
		t.Errorf("server certificate: %v %v", names, ips)
	}
}

func TestCommandLineListReplacesFileList(t *testing.T) {
	config, err := configFrom(t, "tls-san: [from-file]\n", "--tls-san=from-line", "--tls-san", "second")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(config.tlsSANs, []string{"from-line", "second"}) {
		t.Errorf("tls-san: %v", config.tlsSANs)
	}
}

func TestMergesDropInsAsK3sDoes(t *testing.T) {
	folder := t.TempDir()
	main := filepath.Join(folder, "config.yaml")
	for file, content := range map[string]string{
		"config.yaml":               "cluster-cidr: 10.42.0.0/16\ntls-san: [one]\nnode-label: [a=1]\nno-such-key: 1\n",
		"config.yaml.d/10-a.yaml":   "cluster-cidr: 10.60.0.0/16\ntls-san+: [two]\n",
		"config.yaml.d/20-b.YML":    "node-label: [b=2]\ntls-san+: three\n",
		"config.yaml.d/30-c.txt":    "cluster-cidr: 10.70.0.0/16\n",
		"config.yaml.d/40.yaml/one": "",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(folder, file)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, file), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	values, err := readConfigFiles(main)
	if err != nil {
		t.Fatal(err)
	}
	for name, wanted := range map[string][]string{
		"cluster-cidr": {"10.60.0.0/16"}, "tls-san": {"one", "two", "three"}, "node-label": {"b=2"}, "no-such-key": nil,
	} {
		if !slices.Equal(values[name], wanted) {
			t.Errorf("%s: %v, wanted %v", name, values[name], wanted)
		}
	}
}

func TestRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		content   string
		arguments []string
	}{
		"an unknown flag":            {arguments: []string{"--no-such-flag"}},
		"an unknown part to disable": {content: "disable: [nonesuch]\n"},
		"a bad CIDR":                 {content: "cluster-cidr: 10.42.0.0\n"},
		"a bad mode":                 {content: "write-kubeconfig-mode: \"0999\"\n"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := configFrom(t, test.content, test.arguments...); err == nil {
				t.Error("was accepted")
			}
		})
	}
}
