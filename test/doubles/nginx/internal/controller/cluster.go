package controller

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"leafspan.test/kube"
	"leafspan.test/nginx/internal/flags"
	"leafspan.test/nginx/internal/resources"
)

// many is one kind in each of the namespaces watched.
type many[T any] []*kube.Store[T]

func watch[T any](ctx context.Context, client *kube.Client, namespaces []string, api, plural string, changed func()) many[T] {
	var stores many[T]
	for _, namespace := range namespaces {
		path := api + "/" + plural
		if namespace != "" {
			path = api + "/namespaces/" + namespace + "/" + plural
		}
		stores = append(stores, kube.Watch[T](ctx, client, path, "", changed))
	}
	return stores
}

func (m many[T]) synced() bool {
	return !slices.ContainsFunc(m, func(store *kube.Store[T]) bool { return !store.Synced() })
}

func (m many[T]) get(namespace, name string) (T, bool) {
	for _, store := range m {
		if item, ok := store.Get(kube.Key(namespace, name)); ok {
			return item, true
		}
	}
	var none T
	return none, false
}

func (m many[T]) all() []T {
	var all []T
	for _, store := range m {
		all = append(all, store.All()...)
	}
	return all
}

const (
	core      = "/api/v1"
	nginxAPI  = "/apis/k8s.nginx.org/v1"
	ingresses = "/apis/networking.k8s.io/v1"
	discovery = "/apis/discovery.k8s.io/v1"
)

// cluster is all that the controller watches. It is not ready before each list was read: one that is forbidden keeps it unready.
type cluster struct {
	ingresses        many[resources.Ingress]
	services         many[resources.Service]
	slices           many[resources.EndpointSlice]
	pods             many[kube.Pod]
	secrets          many[resources.Secret]
	transportServers many[resources.TransportServer]
	policies         many[resources.Policy]
	virtualServers   many[resources.Nothing]
	virtualRoutes    many[resources.Nothing]
	global           many[resources.GlobalConfiguration]
	configMaps       many[kube.ConfigMap]
}

func follow(ctx context.Context, client *kube.Client, settings flags.Settings, changed func()) *cluster {
	spaces := settings.Namespaces
	c := &cluster{
		ingresses:        watch[resources.Ingress](ctx, client, spaces, ingresses, "ingresses", changed),
		services:         watch[resources.Service](ctx, client, spaces, core, "services", changed),
		slices:           watch[resources.EndpointSlice](ctx, client, spaces, discovery, "endpointslices", changed),
		pods:             watch[kube.Pod](ctx, client, spaces, core, "pods", nil),
		secrets:          watch[resources.Secret](ctx, client, settings.SecretNamespaces, core, "secrets", changed),
		transportServers: watch[resources.TransportServer](ctx, client, spaces, nginxAPI, "transportservers", changed),
		policies:         watch[resources.Policy](ctx, client, spaces, nginxAPI, "policies", changed),
		virtualServers:   watch[resources.Nothing](ctx, client, spaces, nginxAPI, "virtualservers", nil),
		virtualRoutes:    watch[resources.Nothing](ctx, client, spaces, nginxAPI, "virtualserverroutes", nil),
	}
	if namespace, _, ok := strings.Cut(settings.GlobalConfiguration, "/"); ok {
		c.global = watch[resources.GlobalConfiguration](ctx, client, []string{namespace}, nginxAPI, "globalconfigurations", changed)
	}
	if namespace, _, ok := strings.Cut(settings.ConfigMap, "/"); ok {
		c.configMaps = watch[kube.ConfigMap](ctx, client, []string{namespace}, core, "configmaps", changed)
	}
	return c
}

func (c *cluster) synced() bool {
	return c.ingresses.synced() && c.services.synced() && c.slices.synced() && c.pods.synced() && c.secrets.synced() &&
		c.transportServers.synced() && c.policies.synced() && c.virtualServers.synced() && c.virtualRoutes.synced() &&
		c.global.synced() && c.configMaps.synced()
}

// endpoints are the ready addresses behind a Service's port, by number or by name.
func (c *cluster) endpoints(namespace, service string, number int, name string) []string {
	found, ok := c.services.get(namespace, service)
	if !ok {
		return nil
	}
	var addresses []string
	for _, port := range found.Spec.Ports {
		if (name == "" && port.Port != number) || (name != "" && port.Name != name) {
			continue
		}
		for _, slice := range c.slices.all() {
			if slice.Metadata.Namespace == namespace && slice.Metadata.Labels["kubernetes.io/service-name"] == service {
				addresses = append(addresses, ready(slice, port.Name)...)
			}
		}
	}
	slices.Sort(addresses)
	return slices.Compact(addresses)
}

func ready(slice resources.EndpointSlice, portName string) []string {
	var addresses []string
	for _, port := range slice.Ports {
		if port.Name != portName {
			continue
		}
		for _, endpoint := range slice.Endpoints {
			if endpoint.Conditions.Ready == nil || !*endpoint.Conditions.Ready {
				continue
			}
			for _, address := range endpoint.Addresses {
				if strings.Contains(address, ":") {
					address = "[" + address + "]"
				}
				addresses = append(addresses, fmt.Sprintf("%s:%d", address, port.Port))
			}
		}
	}
	return addresses
}
