package main

import (
	"os"
	"path/filepath"
)

const (
	configFile       = "/etc/rancher/k3s/config.yaml"
	adminKubeconfig  = "/etc/rancher/k3s/k3s.yaml"
	nodePasswordFile = "/etc/rancher/node/password"
	defaultDataDir   = "/var/lib/rancher/k3s"
	runDir           = "/run/k3s"
	containerdSocket = "/run/k3s/containerd/containerd.sock"
)

// layout names the files below the data folder, where K3s has them too.
type layout struct{ root string }

func (l layout) server(parts ...string) string {
	return filepath.Join(append([]string{l.root, "server"}, parts...)...)
}

func (l layout) tls(name string) string { return l.server("tls", name) }

func (l layout) agent(parts ...string) string {
	return filepath.Join(append([]string{l.root, "agent"}, parts...)...)
}

// programs is the directory that the launcher has unpacked and from which this process runs. The shims' command line
// carries it: it is how the killall script knows them.
func programs() (string, error) {
	self, err := os.Executable()
	return filepath.Dir(self), err
}
