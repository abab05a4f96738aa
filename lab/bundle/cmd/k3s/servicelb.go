package main

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// balanceServices is ServiceLB: a Service of type LoadBalancer gets the node's address, and kube-proxy does the rest.
func balanceServices(ctx context.Context, config *serverConfig, client kubernetes.Interface) {
	factory := informers.NewSharedInformerFactory(client, 0)
	services := factory.Core().V1().Services()
	changed := make(chan struct{}, 1)
	signal := func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	}
	_, err := services.Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: func(any) { signal() }, UpdateFunc: func(any, any) { signal() }, DeleteFunc: func(any) { signal() },
	})
	if err != nil {
		logf("servicelb: %v", err)
		return
	}
	factory.Start(ctx.Done())
	for {
		select {
		case <-ctx.Done():
			return
		case <-changed:
		}
		all, err := services.Lister().List(labels.Everything())
		if err == nil {
			err = balance(ctx, config, client, all)
		}
		if err != nil {
			logf("servicelb: %v", err)
			time.AfterFunc(500*time.Millisecond, signal)
		}
	}
}

func balance(ctx context.Context, config *serverConfig, client kubernetes.Interface, all []*corev1.Service) error {
	granted := grantPorts(all)
	var failure error
	for _, service := range all {
		wanted := corev1.LoadBalancerStatus{}
		if granted[service] {
			wanted.Ingress = ingressAddresses(config)
		}
		if equality.Semantic.DeepEqual(service.Status.LoadBalancer, wanted) {
			continue
		}
		if !granted[service] && !isBalanced(service) && len(service.Status.LoadBalancer.Ingress) == 0 {
			continue
		}
		update := service.DeepCopy()
		update.Status.LoadBalancer = wanted
		if _, err := client.CoreV1().Services(service.Namespace).UpdateStatus(ctx, update, metav1.UpdateOptions{}); err != nil {
			failure = err
		}
	}
	return failure
}

// grantPorts gives each port of the node to one Service, to the oldest holder first: a Service that came later stays
// pending until the port is free, as in K3s, where the pods of two Services cannot have the same host port.
func grantPorts(all []*corev1.Service) map[*corev1.Service]bool {
	balanced := slices.DeleteFunc(slices.Clone(all), func(service *corev1.Service) bool { return !isBalanced(service) })
	slices.SortFunc(balanced, func(a, b *corev1.Service) int {
		if held := len(b.Status.LoadBalancer.Ingress) - len(a.Status.LoadBalancer.Ingress); held != 0 {
			return held
		}
		if !a.CreationTimestamp.Equal(&b.CreationTimestamp) {
			return a.CreationTimestamp.Compare(b.CreationTimestamp.Time)
		}
		if a.UID < b.UID {
			return -1
		}
		return 1
	})
	taken := map[string]bool{}
	granted := map[*corev1.Service]bool{}
	for _, service := range balanced {
		keys := portKeys(service)
		if slices.ContainsFunc(keys, func(key string) bool { return taken[key] }) {
			continue
		}
		for _, key := range keys {
			taken[key] = true
		}
		granted[service] = true
	}
	return granted
}

func isBalanced(service *corev1.Service) bool {
	class := service.Spec.LoadBalancerClass
	return service.Spec.Type == corev1.ServiceTypeLoadBalancer && service.DeletionTimestamp == nil &&
		(class == nil || *class == "io.k3s/servicelb" || *class == "")
}

func portKeys(service *corev1.Service) []string {
	var keys []string
	for _, port := range service.Spec.Ports {
		keys = append(keys, fmt.Sprintf("%s/%d", port.Protocol, port.Port))
	}
	return keys
}

func ingressAddresses(config *serverConfig) []corev1.LoadBalancerIngress {
	addresses := config.externalIPs
	if len(addresses) == 0 {
		addresses = []netip.Addr{config.nodeIP}
	}
	mode := corev1.LoadBalancerIPModeVIP
	var ingress []corev1.LoadBalancerIngress
	for _, address := range addresses {
		ingress = append(ingress, corev1.LoadBalancerIngress{IP: address.String(), IPMode: &mode})
	}
	return ingress
}
