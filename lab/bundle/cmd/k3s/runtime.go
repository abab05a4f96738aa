package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Set by the linker: the image of the process that holds a pod together.
var pauseImage = "docker.io/rancher/mirrored-pause:dev"

// startRuntime writes containerd's and CNI's configuration, and starts containerd.
func startRuntime(config *serverConfig, children *children) error {
	bin, err := programs()
	if err != nil {
		return err
	}
	if err := writeFile(config.agent("etc/containerd/config.toml"), []byte(containerdConfig(config, bin)), 0o600); err != nil {
		return err
	}
	if err := writeFile(config.agent("etc/cni/net.d/10-bridge.conflist"), []byte(networkConfig(config)), 0o600); err != nil {
		return err
	}
	return children.start("containerd", filepath.Join(bin, "containerd"), nil,
		"--config", config.agent("etc/containerd/config.toml"), "--address", containerdSocket,
		"--state", runDir+"/containerd", "--root", config.agent("containerd"), "--log-level", "warn")
}

func containerdConfig(config *serverConfig, bin string) string {
	return fmt.Sprintf(`version = 2
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs", "io.containerd.tracing.processor.v1.otlp", "io.containerd.internal.v1.tracing"]
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = %q
  stream_server_address = "127.0.0.1"
  stream_server_port = "10010"
  # Inside a container that poses as a host: no CAP_SYS_RESOURCE, no AppArmor.
  restrict_oom_score_adj = true
  disable_apparmor = true
  max_concurrent_downloads = 8
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = %q
    conf_dir = %q
`, config.pauseImage, bin, config.agent("etc/cni/net.d"))
}

// One node per cluster needs no overlay network: a bridge on the node's own part of the cluster CIDR will do.
func networkConfig(config *serverConfig) string {
	return fmt.Sprintf(`{
  "cniVersion": "1.0.0",
  "name": "cbr0",
  "plugins": [
    {
      "type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": true, "hairpinMode": true,
      "ipam": {"type": "host-local", "ranges": [[{"subnet": %q}]], "routes": [{"dst": "0.0.0.0/0"}]}
    },
    {"type": "portmap", "capabilities": {"portMappings": true}}
  ]
}
`, config.nodePodCIDR)
}

func awaitSocket(ctx context.Context, path string) error {
	for {
		if connection, err := net.Dial("unix", path); err == nil {
			return connection.Close()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer: %w", path, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// podResolvConf is the file that pods with dnsPolicy Default get: the host's, if it names a server that a pod can
// reach. Without one the file names none, and a name outside the cluster fails at once instead of after a time-out.
func podResolvConf(config *serverConfig) (path string, upstream bool, err error) {
	path = config.flags.text("resolv-conf", "/etc/resolv.conf")
	content, _ := os.ReadFile(path)
	for line := range strings.Lines(string(content)) {
		fields := strings.Fields(line)
		if len(fields) < 2 || fields[0] != "nameserver" {
			continue
		}
		if ip := net.ParseIP(fields[1]); ip != nil && !ip.IsLoopback() && !ip.IsUnspecified() {
			return path, true, nil
		}
	}
	path = config.agent("etc/resolv.conf")
	return path, false, writeFile(path, []byte("# the host names no DNS server that pods could use\n"), 0o644)
}

// prepareKernel lets the host forward, and makes packets between pods on the bridge pass kube-proxy's rules.
func prepareKernel() {
	for name, value := range map[string]string{
		"net/ipv4/ip_forward":                "1",
		"net/ipv4/conf/all/forwarding":       "1",
		"net/ipv6/conf/all/forwarding":       "1",
		"net/bridge/bridge-nf-call-iptables": "1",
	} {
		_ = os.WriteFile("/proc/sys/"+name, []byte(value), 0o644)
	}
	// Hosts that are containers share these with all others on the machine, and the default of 128 instances is
	// spent by three of them: then a kubelet does not start.
	raiseLimit("fs/inotify/max_user_instances", 8192)
	raiseLimit("fs/inotify/max_user_watches", 524288)
}

func raiseLimit(name string, wanted int) {
	seen, err := os.ReadFile("/proc/sys/" + name)
	if err != nil {
		return
	}
	if value, err := strconv.Atoi(strings.TrimSpace(string(seen))); err == nil && value < wanted {
		_ = os.WriteFile("/proc/sys/"+name, []byte(strconv.Itoa(wanted)), 0o644)
	}
}
