// Package destination knows the cluster's Services and pods, and tells proxies where connections go.
package destination

import (
	"fmt"
	"net"
	"strconv"

	"leafspan.test/kube"
	"leafspan.test/linkerd/internal/mesh"
)

// ByAddress judges where a pod's connection to ip:port shall go.
func (c *Cluster) ByAddress(ip string, port int) mesh.Target {
	for _, service := range c.services.All() {
		if service.Spec.ClusterIP == ip {
			return c.toService(service, port)
		}
	}
	if pod, ok := c.podAt(ip); ok && pod.HasProxy() && port != mesh.InboundPort && !isAdmin(port) {
		authority := net.JoinHostPort(ip, strconv.Itoa(port))
		return mesh.Target{Verdict: mesh.Meshed, Opaque: podIsOpaque(pod, port), Authority: authority, Endpoints: []mesh.Endpoint{c.toPod(pod, port, "")}}
	}
	return mesh.Target{Verdict: mesh.Plain, Opaque: mesh.HasPort(mesh.DefaultOpaquePorts, port)}
}

// ByAuthority is a gateway's question. Only what is exported can be reached through it.
func (c *Cluster) ByAuthority(authority string) (mesh.Target, error) {
	host, portText, err := net.SplitHostPort(authority)
	if err != nil {
		return mesh.Target{}, err
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return mesh.Target{}, err
	}
	name, namespace, ok := mesh.ServiceOf(host)
	if !ok {
		return mesh.Target{}, fmt.Errorf("%s names no Service", authority)
	}
	service, ok := c.services.Get(kube.Key(namespace, name))
	if !ok || service.Metadata.Labels[mesh.Exported] == "" {
		return mesh.Target{}, fmt.Errorf("%s is not exported", authority)
	}
	return c.toService(service, port), nil
}

func (c *Cluster) toService(service kube.Service, port int) mesh.Target {
	declared, ok := declaredPort(service, port)
	if !ok {
		return mesh.Target{Verdict: mesh.Refuse}
	}
	target := mesh.Target{
		Verdict: mesh.Meshed, Opaque: serviceIsOpaque(service, declared),
		Authority: net.JoinHostPort(mesh.ServiceAuthority(service.Metadata.Name, service.Metadata.Namespace), strconv.Itoa(port)),
	}
	endpoints, _ := c.endpoints.Get(kube.Key(service.Metadata.Namespace, service.Metadata.Name))
	switch {
	case service.Metadata.Labels[mesh.MirroredGateway] == "true":
		target.Verdict = mesh.Plain
	case service.Metadata.Labels[mesh.MirroredService] == "true":
		target.Endpoints = throughGateway(service, endpoints, declared)
	default:
		target.Endpoints = c.toPods(service, endpoints, declared)
		if len(target.Endpoints) > 0 && !anyMeshed(target.Endpoints) {
			return mesh.Target{Verdict: mesh.Plain, Opaque: target.Opaque}
		}
	}
	return target
}

func throughGateway(service kube.Service, endpoints kube.Endpoints, declared kube.ServicePort) []mesh.Endpoint {
	identity := endpoints.Metadata.Annotations[mesh.RemoteGatewayID]
	authority := net.JoinHostPort(service.Metadata.Annotations[mesh.RemoteServiceFQN], strconv.Itoa(declared.Port))
	var found []mesh.Endpoint
	each(endpoints, declared, func(address kube.Address, port int) {
		found = append(found, mesh.Endpoint{
			Address: net.JoinHostPort(address.IP, strconv.Itoa(port)), Identity: identity, Header: mesh.Header{Authority: authority},
			Labels: []mesh.Label{
				{Name: "dst_service", Value: service.Metadata.Name}, {Name: "dst_namespace", Value: service.Metadata.Namespace},
				{Name: "dst_target_cluster", Value: service.Metadata.Labels[mesh.MirrorCluster]},
			},
		})
	})
	return found
}

func (c *Cluster) toPods(service kube.Service, endpoints kube.Endpoints, declared kube.ServicePort) []mesh.Endpoint {
	var found []mesh.Endpoint
	each(endpoints, declared, func(address kube.Address, port int) {
		if address.TargetRef != nil && address.TargetRef.Kind == "Pod" {
			if pod, ok := c.pods.Get(kube.Key(address.TargetRef.Namespace, address.TargetRef.Name)); ok {
				found = append(found, c.toPod(pod, port, service.Metadata.Name))
				return
			}
		}
		found = append(found, mesh.Endpoint{Address: net.JoinHostPort(address.IP, strconv.Itoa(port))})
	})
	return found
}

func (c *Cluster) toPod(pod kube.Pod, port int, service string) mesh.Endpoint {
	if !pod.HasProxy() || pod.Spec.HostNetwork || isAdmin(port) {
		return mesh.Endpoint{Address: net.JoinHostPort(pod.Status.PodIP, strconv.Itoa(port))}
	}
	return mesh.Endpoint{
		Address:  net.JoinHostPort(pod.Status.PodIP, strconv.Itoa(mesh.InboundPort)),
		Identity: mesh.Identity(pod.Spec.ServiceAccountName, pod.Metadata.Namespace), Header: mesh.Header{Port: port},
		Labels: []mesh.Label{
			{Name: "dst_namespace", Value: pod.Metadata.Namespace}, {Name: "dst_pod", Value: pod.Metadata.Name},
			{Name: "dst_service", Value: service}, {Name: "dst_serviceaccount", Value: pod.Spec.ServiceAccountName},
		},
	}
}

// each calls visit with every ready address and the number that the Service's port has there.
func each(endpoints kube.Endpoints, declared kube.ServicePort, visit func(kube.Address, int)) {
	for _, subset := range endpoints.Subsets {
		for _, port := range subset.Ports {
			if port.Name != declared.Name {
				continue
			}
			for _, address := range subset.Addresses {
				visit(address, port.Port)
			}
		}
	}
}

func declaredPort(service kube.Service, port int) (kube.ServicePort, bool) {
	for _, declared := range service.Spec.Ports {
		if declared.Port == port {
			return declared, true
		}
	}
	return kube.ServicePort{}, false
}

func serviceIsOpaque(service kube.Service, port kube.ServicePort) bool {
	if port.AppProtocol == mesh.OpaqueProtocol {
		return true
	}
	return mesh.HasPort(annotated(service.Metadata), port.Port)
}

func podIsOpaque(pod kube.Pod, port int) bool { return mesh.HasPort(annotated(pod.Metadata), port) }

// annotated replaces the default list, as in the real one; it does not add to it.
func annotated(meta kube.Meta) string {
	if list, ok := meta.Annotations[mesh.OpaquePorts]; ok {
		return list
	}
	return mesh.DefaultOpaquePorts
}

func anyMeshed(endpoints []mesh.Endpoint) bool {
	for _, endpoint := range endpoints {
		if endpoint.Identity != "" {
			return true
		}
	}
	return false
}

func isAdmin(port int) bool { return port == mesh.AdminPort || port == mesh.ControlPort }

func (c *Cluster) podAt(ip string) (kube.Pod, bool) {
	for _, pod := range c.pods.All() {
		if pod.Status.PodIP == ip && !pod.Spec.HostNetwork && pod.Status.Phase == "Running" {
			return pod, true
		}
	}
	return kube.Pod{}, false
}
