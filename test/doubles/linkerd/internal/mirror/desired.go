package mirror

import (
	"strconv"
	"strings"

	"leafspan.test/kube"
	"leafspan.test/linkerd/internal/mesh"
)

const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// NameOf a mirror.
func NameOf(service, cluster string) string { return service + "-" + cluster }

// desiredService keeps the annotations, among them the opaque ports, and drops appProtocol: so does the real one.
func desiredService(remote kube.Service, link LinkSpec) kube.Service {
	labels := map[string]string{mesh.MirroredService: "true", mesh.MirrorCluster: link.TargetClusterName}
	for name, value := range remote.Metadata.Labels {
		if !strings.HasPrefix(name, "mirror.linkerd.io/") {
			labels[name] = value
		}
	}
	annotations := map[string]string{}
	for name, value := range remote.Metadata.Annotations {
		if name != lastApplied {
			annotations[name] = value
		}
	}
	annotations[mesh.RemoteServiceFQN] = remoteName(remote, link)
	annotations[mesh.RemoteVersion] = remote.Metadata.ResourceVersion
	ports := make([]kube.ServicePort, 0, len(remote.Spec.Ports))
	for _, port := range remote.Spec.Ports {
		ports = append(ports, kube.ServicePort{Name: port.Name, Protocol: port.Protocol, Port: port.Port})
	}
	return kube.Service{
		APIVersion: "v1", Kind: "Service",
		Metadata: kube.Meta{Name: NameOf(remote.Metadata.Name, link.TargetClusterName), Namespace: remote.Metadata.Namespace, Labels: labels, Annotations: annotations},
		Spec:     kube.ServiceSpec{Ports: ports},
	}
}

// desiredEndpoints lead every port to the gateway. They are empty while no pod is ready there, and not ready while the
// gateway is not alive.
func desiredEndpoints(remote kube.Service, link LinkSpec, gateway []kube.Address, backed, alive bool) kube.Endpoints {
	endpoints := kube.Endpoints{
		APIVersion: "v1", Kind: "Endpoints", Subsets: []kube.Subset{},
		Metadata: kube.Meta{
			Name: NameOf(remote.Metadata.Name, link.TargetClusterName), Namespace: remote.Metadata.Namespace,
			Labels: map[string]string{mesh.MirroredService: "true", mesh.MirrorCluster: link.TargetClusterName},
			Annotations: map[string]string{
				mesh.RemoteServiceFQN: remoteName(remote, link), mesh.RemoteGatewayID: link.GatewayIdentity,
			},
		},
	}
	if !backed || len(gateway) == 0 {
		return endpoints
	}
	gatewayPort, _ := strconv.Atoi(link.GatewayPort)
	subset := kube.Subset{}
	for _, port := range remote.Spec.Ports {
		subset.Ports = append(subset.Ports, kube.EndpointPort{Name: port.Name, Port: gatewayPort, Protocol: port.Protocol})
	}
	if alive {
		subset.Addresses = gateway
	} else {
		subset.NotReadyAddresses = gateway
	}
	endpoints.Subsets = append(endpoints.Subsets, subset)
	return endpoints
}

func remoteName(remote kube.Service, link LinkSpec) string {
	domain := link.TargetClusterDomain
	if domain == "" {
		domain = mesh.TrustDomain
	}
	return remote.Metadata.Name + "." + remote.Metadata.Namespace + ".svc." + domain
}

func hasReadyPod(endpoints kube.Endpoints) bool {
	for _, subset := range endpoints.Subsets {
		if len(subset.Addresses) > 0 {
			return true
		}
	}
	return false
}
