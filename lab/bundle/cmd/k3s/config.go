package main

import (
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vishvananda/netlink"
)

// serverConfig is what the flags mean.
type serverConfig struct {
	layout
	nodeName          string
	nodeIP            netip.Addr
	externalIPs       []netip.Addr
	advertiseAddress  string
	port              string
	tlsSANs           []string
	clusterCIDR       netip.Prefix
	nodePodCIDR       netip.Prefix
	serviceCIDR       netip.Prefix
	kubernetesIP      netip.Addr
	dnsIP             string
	clusterDomain     string
	disabled          map[string]bool
	kubeconfig        string
	kubeconfigMode    fs.FileMode
	secretsEncryption bool
	token             string
	pauseImage        string
	disableKubeProxy  bool
	disablePolicies   bool
	localStorage      string
	flags             flagValues
}

func readServerConfig(arguments []string) (*serverConfig, error) {
	flags, err := readFlags(arguments)
	if err != nil {
		return nil, err
	}
	config := &serverConfig{
		layout:        layout{flags.text("data-dir", defaultDataDir)},
		port:          flags.text("https-listen-port", "6443"),
		tlsSANs:       flags.items("tls-san"),
		clusterDomain: flags.text("cluster-domain", "cluster.local"),
		kubeconfig:    flags.text("write-kubeconfig", adminKubeconfig),
		pauseImage:    flags.text("pause-image", pauseImage),
		disabled:      map[string]bool{},
		flags:         flags,
	}
	config.localStorage = flags.text("default-local-storage-path", filepath.Join(config.root, "storage"))
	for _, step := range []func(*serverConfig) error{readNode, readNetworks, readSwitches} {
		if err := step(config); err != nil {
			return nil, err
		}
	}
	return config, nil
}

func readNode(config *serverConfig) error {
	hostname, err := os.Hostname()
	if err != nil {
		return err
	}
	config.nodeName = strings.ToLower(config.flags.text("node-name", hostname))
	if ips := config.flags.items("node-ip"); len(ips) > 0 {
		if config.nodeIP, err = netip.ParseAddr(ips[0]); err != nil {
			return fmt.Errorf("invalid node-ip: %w", err)
		}
	} else if config.nodeIP, err = defaultRouteIP(); err != nil {
		return err
	}
	for _, value := range config.flags.items("node-external-ip") {
		ip, err := netip.ParseAddr(value)
		if err != nil {
			return fmt.Errorf("invalid node-external-ip: %w", err)
		}
		config.externalIPs = append(config.externalIPs, ip)
	}
	// K3s's own default: an external address wins, which breaks pods behind a NAT unless advertise-address is set.
	advertise := config.nodeIP
	if len(config.externalIPs) > 0 {
		advertise = config.externalIPs[0]
	}
	config.advertiseAddress = config.flags.text("advertise-address", advertise.String())
	return nil
}

// defaultRouteIP waits a little, since the service may start before the network has its address.
func defaultRouteIP() (netip.Addr, error) {
	for range 50 {
		routes, err := netlink.RouteGet([]byte{203, 0, 113, 1})
		if err == nil && len(routes) > 0 && routes[0].Src != nil {
			if ip, ok := netip.AddrFromSlice(routes[0].Src.To4()); ok {
				return ip, nil
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	return netip.Addr{}, fmt.Errorf("unable to select an IP from default routes: add a default route or set node-ip")
}

func readNetworks(config *serverConfig) error {
	var err error
	cidr := func(name, otherwise string) (prefix netip.Prefix) {
		value := otherwise
		if items := config.flags.items(name); len(items) > 0 {
			value = items[0]
		}
		prefix, failure := netip.ParsePrefix(value)
		if failure != nil && err == nil {
			err = fmt.Errorf("invalid %s: %w", name, failure)
		}
		return prefix.Masked()
	}
	config.clusterCIDR = cidr("cluster-cidr", "10.42.0.0/16")
	config.serviceCIDR = cidr("service-cidr", "10.43.0.0/16")
	if err != nil {
		return err
	}
	// The controller manager gives the first /24 to the first node, and there is one node.
	config.nodePodCIDR = netip.PrefixFrom(config.clusterCIDR.Addr(), max(24, config.clusterCIDR.Bits()))
	config.kubernetesIP = config.serviceCIDR.Addr().Next()
	dns := config.serviceCIDR.Addr()
	for range 10 {
		dns = dns.Next()
	}
	config.dnsIP = dns.String()
	if given := config.flags.items("cluster-dns"); len(given) > 0 {
		config.dnsIP = given[0]
	}
	return nil
}

func readSwitches(config *serverConfig) error {
	for _, name := range config.flags.items("disable") {
		if !slices.Contains(disableable, name) {
			return fmt.Errorf("invalid value for -disable: %q is none of %s", name, strings.Join(disableable, ", "))
		}
		config.disabled[name] = true
	}
	mode, err := strconv.ParseUint(config.flags.text("write-kubeconfig-mode", "0600"), 8, 32)
	if err != nil {
		return fmt.Errorf("invalid write-kubeconfig-mode: %w", err)
	}
	config.kubeconfigMode = fs.FileMode(mode).Perm()
	if config.secretsEncryption, err = config.flags.is("secrets-encryption"); err != nil {
		return err
	}
	if config.disableKubeProxy, err = config.flags.is("disable-kube-proxy"); err != nil {
		return err
	}
	if config.disablePolicies, err = config.flags.is("disable-network-policy"); err != nil {
		return err
	}
	config.token = config.flags.text("token", "")
	if file := config.flags.text("token-file", ""); file != "" && config.token == "" {
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		config.token = strings.TrimSpace(string(content))
	}
	return nil
}
