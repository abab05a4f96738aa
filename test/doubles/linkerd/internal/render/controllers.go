package render

import (
	"leafspan.test/linkerd/internal/mesh"
	"leafspan.test/linkerd/internal/version"
)

const (
	linksGroup     = "multicluster.linkerd.io"
	localResources = "linkerd-multicluster-controller-access-local-resources"
)

func mirrorRules() []object {
	return []object{
		rule(core, []string{"endpoints", "services"}, []string{"list", "get", "watch", "create", "delete", "update"}),
		rule(core, []string{"namespaces"}, look),
	}
}

func leases() object {
	return rule([]string{"coordination.k8s.io"}, []string{"leases"}, []string{"create", "get", "update", "patch"})
}

// localMirror serves federated Services, which the double does not have: its pod is only there.
func localMirror() []object {
	const name = "linkerd-local-service-mirror"
	const access = "linkerd-local-service-mirror-access-local-resources"
	marks := extension("component", "local-service-mirror")
	made := workload{
		namespace: mcNamespace, name: name, account: name, container: "local-service-mirror", image: version.ControllerImage,
		arguments: []string{"local-service-mirror"}, marks: marks, selector: labels{"component": "local-service-mirror"},
		podLabels: marks, podAnnotations: labels{mesh.Inject: "enabled"}, ports: []object{port("locsm-admin", 9999)}, adminPort: 9999,
	}
	return []object{
		clusterRole(access, marks, append(mirrorRules(), leases(), rule([]string{linksGroup}, []string{"links"}, look))...),
		clusterRoleBinding(access, access, marks, accountSubject(mcNamespace, name)),
		serviceAccount(mcNamespace, name, marks),
		made.deployment(),
		clusterRole(localResources, extension("component", "controller"), mirrorRules()...),
	}
}

func linkController(values ControllerValues) []object {
	link := values.Link.Ref.Name
	name, probe, credentials := "controller-"+link, "probe-"+link, "controller-read-remote-creds-"+link
	marks := extension("component", "controller", mesh.MirrorCluster, link)
	probePort := values.Gateway.Probe.Port
	if probePort == 0 {
		probePort = mesh.AdminPort
	}
	made := workload{
		namespace: mcNamespace, name: name, account: name, container: "controller", image: version.ControllerImage,
		arguments: []string{"service-mirror", "-probe-service=" + probe, link}, marks: marks,
		selector: labels{"component": "controller", mesh.MirrorCluster: link}, podLabels: marks,
		podAnnotations: labels{mesh.Inject: "enabled"}, ports: []object{port("ctrl-admin", 9999)}, adminPort: 9999,
	}
	return []object{
		made.deployment(),
		service(mcNamespace, probe, extension(mesh.MirrorCluster, link, mesh.MirroredGateway, "true"),
			object{"ports": []object{{"name": "mc-probe", "port": probePort, "protocol": "TCP"}}}),
		serviceAccount(mcNamespace, name, marks),
		clusterRoleBinding(localResources+"-"+link, localResources, marks, accountSubject(mcNamespace, name)),
		role(mcNamespace, credentials, marks,
			rule(core, []string{"secrets"}, look, "cluster-credentials-"+link),
			rule([]string{linksGroup}, []string{"links"}, look),
			rule([]string{linksGroup}, []string{"links/status"}, []string{"update", "patch"}),
			leases()),
		roleBinding(mcNamespace, credentials, credentials, marks, accountSubject(mcNamespace, name)),
	}
}
