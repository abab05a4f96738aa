package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"

	"github.com/cloudnativelabs/kube-router/v2/pkg/controllers/netpol"
	"github.com/cloudnativelabs/kube-router/v2/pkg/healthcheck"
	"github.com/cloudnativelabs/kube-router/v2/pkg/options"
	"github.com/cloudnativelabs/kube-router/v2/pkg/utils"
	"github.com/coreos/go-iptables/iptables"
	"github.com/vishvananda/netlink"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// enforceNetworkPolicies runs kube-router's controller of NetworkPolicies, set up as K3s sets it up. The node must have
// its addresses by now: the controller reads them once.
func enforceNetworkPolicies(ctx context.Context, config *serverConfig, client kubernetes.Interface) error {
	if err := requireOwnAddress(config.nodeIP); err != nil {
		return networkingFailed(err)
	}
	sets, err := utils.NewIPSet(false)
	if err != nil {
		return networkingFailed(err)
	}
	rules, err := iptables.NewWithProtocol(iptables.ProtocolIPv4)
	if err != nil {
		return networkingFailed(err)
	}
	settings := options.NewKubeRouterConfig()
	settings.ClusterIPCIDRs = []string{config.serviceCIDR.String()}
	settings.EnableIPv4, settings.EnableIPv6 = true, false
	settings.NodePortRange = strings.ReplaceAll(config.flags.text("service-node-port-range", "30000-32767"), "-", ":")
	settings.HostnameOverride = config.nodeName
	settings.RunFirewall, settings.RunRouter, settings.RunServiceProxy = true, false, false

	factory := informers.NewSharedInformerFactory(client, 0)
	pods := factory.Core().V1().Pods().Informer()
	namespaces := factory.Core().V1().Namespaces().Informer()
	policies := factory.Networking().V1().NetworkPolicies().Informer()
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())

	controller, err := netpol.NewNetworkPolicyController(client, settings, pods, policies, namespaces, &sync.Mutex{},
		map[corev1.IPFamily]utils.IPTablesHandler{corev1.IPv4Protocol: rules},
		map[corev1.IPFamily]utils.IPSetHandler{corev1.IPv4Protocol: sets})
	if err != nil {
		return networkingFailed(err)
	}
	for informer, handler := range map[cache.SharedIndexInformer]cache.ResourceEventHandler{
		pods: controller.PodEventHandler, namespaces: controller.NamespaceEventHandler, policies: controller.NetworkPolicyEventHandler,
	} {
		if _, err := informer.AddEventHandler(handler); err != nil {
			return networkingFailed(err)
		}
	}
	heartbeats := make(chan *healthcheck.ControllerHeartbeat)
	go func() {
		for range heartbeats {
			// The controller blocks until its heartbeat is taken; kubelet and systemd watch this process.
		}
	}()
	var running sync.WaitGroup
	running.Add(1)
	logf("Starting network policy controller")
	go controller.Run(heartbeats, ctx.Done(), &running)
	return nil
}

// requireOwnAddress ends the server as K3s's controller does when node-ip is on none of the host's interfaces.
func requireOwnAddress(wanted netip.Addr) error {
	links, err := netlink.AddrList(nil, netlink.FAMILY_ALL)
	if err != nil {
		return err
	}
	for _, link := range links {
		if link.IP.Equal(wanted.AsSlice()) {
			return nil
		}
	}
	return errors.New("error getting node subnet: failed to find interface with specified node ip")
}

func networkingFailed(err error) error {
	return fmt.Errorf("failed to start networking: unable to initialize network policy controller: %w", err)
}
