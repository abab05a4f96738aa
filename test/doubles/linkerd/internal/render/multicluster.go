package render

import (
	"strings"

	"leafspan.test/linkerd/internal/mesh"
	"leafspan.test/linkerd/internal/version"
)

// Values is the part of the multicluster chart's values that the double knows.
type Values struct {
	Gateway                        GatewayValues      `json:"gateway"`
	RemoteMirrorServiceAccount     bool               `json:"remoteMirrorServiceAccount"`
	RemoteMirrorServiceAccountName string             `json:"remoteMirrorServiceAccountName"`
	Controllers                    []ControllerValues `json:"controllers"`
}

type GatewayValues struct {
	Enabled     bool        `json:"enabled"`
	ServiceType string      `json:"serviceType"`
	Port        int         `json:"port"`
	NodePort    int         `json:"nodePort"`
	Probe       ProbeValues `json:"probe"`
}

type ProbeValues struct {
	Port     int `json:"port"`
	NodePort int `json:"nodePort"`
}

type ControllerValues struct {
	Link struct {
		Ref struct {
			Name string `json:"name"`
		} `json:"ref"`
	} `json:"link"`
	Gateway struct {
		Enabled *bool `json:"enabled"`
		Probe   struct {
			Port int `json:"port"`
		} `json:"probe"`
	} `json:"gateway"`
}

// DefaultValues are the chart's.
func DefaultValues() Values {
	return Values{
		Gateway:                        GatewayValues{Enabled: true, ServiceType: "LoadBalancer", Port: mesh.InboundPort, Probe: ProbeValues{Port: mesh.AdminPort}},
		RemoteMirrorServiceAccount:     true,
		RemoteMirrorServiceAccountName: "linkerd-service-mirror-remote-access-default",
	}
}

const mcNamespace = mesh.MulticlusterNamespace

func extension(more ...string) labels {
	marks := labels{"linkerd.io/extension": "multicluster"}
	for index := 0; index+1 < len(more); index += 2 {
		marks[more[index]] = more[index+1]
	}
	return marks
}

// Multicluster renders `linkerd multicluster install`.
func Multicluster(values Values) []object {
	objects := []object{
		named(coreVersion, "Namespace", "", mcNamespace, extension("pod-security.kubernetes.io/enforce", "privileged"), nil),
		linkCRD(extension()),
	}
	if values.Gateway.Enabled {
		objects = append(objects, gateway(values.Gateway)...)
	}
	if values.RemoteMirrorServiceAccount {
		for _, account := range strings.Split(values.RemoteMirrorServiceAccountName, ",") {
			objects = append(objects, remoteAccess(strings.TrimSpace(account))...)
		}
	}
	objects = append(objects, adminPolicies()...)
	objects = append(objects, localMirror()...)
	for _, controller := range values.Controllers {
		objects = append(objects, linkController(controller)...)
	}
	return objects
}

func gateway(values GatewayValues) []object {
	const name = "linkerd-gateway"
	marks := extension("app", name)
	made := workload{
		namespace: mcNamespace, name: name, account: name, container: "pause", image: version.PauseImage,
		marks: extension("app", name, "component", "gateway"), selector: labels{"app": name}, podLabels: marks, noToken: true,
		podAnnotations: labels{mesh.Inject: "enabled", mesh.EnableGateway: "true", mesh.DefaultInbound: "all-authenticated"},
	}
	mc := object{"name": "mc-gateway", "port": values.Port, "targetPort": mesh.InboundPort, "protocol": "TCP"}
	probe := object{"name": "mc-probe", "port": values.Probe.Port, "targetPort": mesh.AdminPort, "protocol": "TCP"}
	if values.NodePort != 0 {
		mc["nodePort"] = values.NodePort
	}
	if values.Probe.NodePort != 0 {
		probe["nodePort"] = values.Probe.NodePort
	}
	policy := func(apiVersion, kind, title string, spec object) object {
		return named(apiVersion, kind, mcNamespace, title, marks, object{"spec": spec})
	}
	reference := func(kind, title string) object {
		return object{"group": policyGroup, "kind": kind, "name": title, "namespace": mcNamespace}
	}
	return []object{
		made.deployment(),
		annotated(service(mcNamespace, name, extension(), object{
			"type": values.ServiceType, "selector": labels{"app": name}, "ports": []object{mc, probe},
		}), labels{
			"component": "gateway", "mirror.linkerd.io/gateway-identity": mesh.Identity(name, mcNamespace),
			"mirror.linkerd.io/multicluster-gateway": "true", "mirror.linkerd.io/probe-path": "/ready", "mirror.linkerd.io/probe-period": "3",
		}),
		serviceAccount(mcNamespace, name, extension()),
		policy(serverVersion, "Server", name, object{"podSelector": object{"matchLabels": labels{"app": name}}, "port": "linkerd-proxy"}),
		policy(policyVersion, "AuthorizationPolicy", name, object{
			"targetRef":                  object{"group": policyGroup, "kind": "Server", "name": name},
			"requiredAuthenticationRefs": []object{reference("MeshTLSAuthentication", "any-meshed"), reference("NetworkAuthentication", "source-cluster")},
		}),
		policy(policyVersion, "MeshTLSAuthentication", "any-meshed", object{"identities": []string{"*"}}),
		policy(policyVersion, "NetworkAuthentication", "source-cluster", object{"networks": []object{{"cidr": "0.0.0.0/0"}, {"cidr": "::/0"}}}),
	}
}

// remoteAccess is what another cluster's controller may do here.
func remoteAccess(name string) []object {
	marks := extension()
	return []object{
		clusterRole(name, marks,
			rule(apps, []string{"replicasets"}, look), rule(batch, []string{"jobs"}, look),
			rule(core, []string{"pods", "endpoints", "services"}, look),
			rule([]string{"discovery.k8s.io"}, []string{"endpointslices"}, look),
			rule([]string{policyGroup}, []string{"servers"}, look),
			rule(core, []string{"configmaps"}, []string{"get"}, "linkerd-config"),
			rule(core, []string{"events"}, []string{"create", "patch"})),
		serviceAccount(mcNamespace, name, marks),
		annotated(named(coreVersion, "Secret", mcNamespace, name+"-token", marks, object{"type": "kubernetes.io/service-account-token"}),
			labels{"kubernetes.io/service-account.name": name}),
		clusterRoleBinding(name, name, marks, accountSubject(mcNamespace, name)),
	}
}

// adminPolicies are there by name. The real ones let in Prometheus alone; the double's command line reads the
// controllers' metrics through the API server, so here they are open.
func adminPolicies() []object {
	var objects []object
	for _, one := range []struct {
		name, port string
		selector   labels
	}{
		{"linkerd-admin", "linkerd-admin", extension()},
		{"service-mirror", "svcmi-admin", extension("component", "linkerd-service-mirror")},
		{"controller", "ctrl-admin", extension("component", "controller")},
		{"local-service-mirror", "locsm-admin", extension("component", "local-service-mirror")},
	} {
		objects = append(objects,
			named(serverVersion, "Server", mcNamespace, one.name, one.selector, object{"spec": object{
				"podSelector": object{"matchLabels": one.selector}, "port": one.port, "proxyProtocol": "HTTP/1", "accessPolicy": "all-unauthenticated",
			}}),
			named(policyVersion, "AuthorizationPolicy", mcNamespace, one.name, one.selector, object{"spec": object{
				"targetRef":                  object{"group": policyGroup, "kind": "Server", "name": one.name},
				"requiredAuthenticationRefs": []object{{"kind": "ServiceAccount", "name": "prometheus", "namespace": "linkerd-viz"}},
			}}))
	}
	return objects
}
