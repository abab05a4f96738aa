package render

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"leafspan.test/linkerd/internal/mesh"
	"leafspan.test/linkerd/internal/version"
)

// Material is what a control plane is made of.
type Material struct{ Anchors, IssuerCertificate, IssuerKey []byte }

// Settings are the values that `--set` can change.
type Settings struct {
	// WebhookFailurePolicy is Ignore or Fail.
	WebhookFailurePolicy string
}

const (
	namespace     = mesh.ControlNamespace
	componentMark = "linkerd.io/control-plane-component"
	trustRoots    = "linkerd-identity-trust-roots"
	trustFolder   = "/var/run/linkerd/identity/trust-roots"
)

func component(name string) labels {
	return labels{componentMark: name, mesh.ControlPlaneNS: namespace}
}

// ControlPlane renders `linkerd install`.
func ControlPlane(material Material, settings Settings) ([]object, error) {
	objects := []object{annotated(named(coreVersion, "Namespace", "", namespace, labels{
		"config.linkerd.io/admission-webhooks": "disabled", mesh.ControlPlaneNS: namespace,
		"linkerd.io/is-control-plane": "true", "pod-security.kubernetes.io/enforce": "privileged",
	}, nil), labels{mesh.Inject: "disabled"})}
	objects = append(objects, configuration(material)...)
	objects = append(objects, identity()...)
	injector, err := injector(settings)
	if err != nil {
		return nil, err
	}
	destination, err := destination(settings)
	if err != nil {
		return nil, err
	}
	return append(append(objects, destination...), injector...), nil
}

func configuration(material Material) []object {
	indented := "  " + strings.ReplaceAll(strings.TrimSpace(string(material.Anchors)), "\n", "\n  ")
	values := "cliVersion: linkerd/cli " + version.Version + "\nclusterDomain: cluster.local\ndisableHeartBeat: true\n" +
		"identityTrustAnchorsPEM: |\n" + indented + "\nidentityTrustDomain: cluster.local\nlinkerdVersion: " + version.Version + "\n"
	everybody := object{"apiGroup": rbacGroup, "kind": "Group", "name": "system:serviceaccounts"}
	return []object{
		named(coreVersion, "ConfigMap", namespace, "linkerd-config", component("controller"), object{"data": object{"values": values}}),
		role(namespace, "ext-namespace-metadata-linkerd-config", labels{mesh.ControlPlaneNS: namespace},
			rule(core, []string{"configmaps"}, []string{"get"}, "linkerd-config")),
		named(coreVersion, "Secret", namespace, "linkerd-config-overrides", labels{mesh.ControlPlaneNS: namespace},
			object{"data": object{"linkerd-config-overrides": []byte("disableHeartBeat: true\n")}}),
		named(coreVersion, "Secret", namespace, "linkerd-identity-issuer", component("identity"),
			object{"data": object{"crt.pem": material.IssuerCertificate, "key.pem": material.IssuerKey}}),
		named(coreVersion, "ConfigMap", namespace, trustRoots, component("identity"),
			object{"data": object{"ca-bundle.crt": string(material.Anchors)}}),
		// Of the double alone: all its parts read their misbehaviour here.
		role(namespace, "linkerd-double", labels{mesh.ControlPlaneNS: namespace},
			rule(core, []string{"configmaps"}, []string{"get"}, "linkerd-double")),
		roleBinding(namespace, "linkerd-double", "linkerd-double", labels{mesh.ControlPlaneNS: namespace}, everybody),
	}
}

func controlWorkload(name, componentName string, subcommand string) workload {
	marks := component(componentName)
	podLabels := labels{"linkerd.io/proxy-deployment": name, "linkerd.io/workload-ns": namespace}
	for mark, value := range marks {
		podLabels[mark] = value
	}
	return workload{
		namespace: namespace, name: name, account: name, container: componentName, image: version.ControllerImage,
		arguments: []string{subcommand}, marks: marks, selector: marks, podLabels: podLabels, podAnnotations: labels{},
	}
}

func headed(name, componentName string, port int, portName string) []object {
	ports := []object{{"name": portName, "port": port, "targetPort": port}}
	selector := labels{componentMark: componentName}
	return []object{
		service(namespace, name, component(componentName), object{"type": "ClusterIP", "selector": selector, "ports": ports}),
		service(namespace, name+"-headless", component(componentName), object{"clusterIP": "None", "selector": selector, "ports": ports}),
	}
}

func identity() []object {
	const name = "linkerd-identity"
	marks := component("identity")
	made := controlWorkload(name, "identity", "identity")
	made.adminPort = 9990
	made.ports = []object{port("ident-grpc", 8080), port("ident-admin", 9990)}
	made.volumes = []object{secretVolume("identity-issuer", "linkerd-identity-issuer"), configMapVolume("trust-roots", trustRoots)}
	made.mounts = []object{mount("identity-issuer", "/var/run/linkerd/identity/issuer"), mount("trust-roots", trustFolder)}
	objects := []object{
		clusterRole("linkerd-linkerd-identity", marks,
			rule([]string{"authentication.k8s.io"}, []string{"tokenreviews"}, []string{"create"}),
			rule(core, []string{"events"}, []string{"create", "patch"})),
		clusterRoleBinding("linkerd-linkerd-identity", "linkerd-linkerd-identity", marks, accountSubject(namespace, name)),
		serviceAccount(namespace, name, marks),
	}
	return append(append(objects, headed(name, "identity", 8080, "grpc")...), made.deployment())
}

func destination(settings Settings) ([]object, error) {
	const name = "linkerd-destination"
	marks := component("destination")
	made := controlWorkload(name, "destination", "destination")
	made.adminPort = 9996
	made.ports = []object{port("dest-grpc", 8086), port("dest-admin", 9996)}
	made.volumes = []object{configMapVolume("trust-roots", trustRoots), identityToken()}
	made.mounts = []object{mount("trust-roots", trustFolder), mount("linkerd-identity-token", "/var/run/secrets/tokens")}
	objects := []object{
		clusterRole("linkerd-linkerd-destination", marks,
			rule(core, []string{"pods", "endpoints", "services", "nodes"}, look)),
		clusterRoleBinding("linkerd-linkerd-destination", "linkerd-linkerd-destination", marks, accountSubject(namespace, name)),
		clusterRole("linkerd-policy", marks,
			rule([]string{policyGroup}, []string{"authorizationpolicies", "meshtlsauthentications", "networkauthentications", "servers"}, look)),
		clusterRoleBinding("linkerd-destination-policy", "linkerd-policy", marks, accountSubject(namespace, name)),
		role(namespace, "remote-discovery", marks, rule(core, []string{"secrets"}, look)),
		roleBinding(namespace, "linkerd-destination-remote-discovery", "remote-discovery", marks, accountSubject(namespace, name)),
		serviceAccount(namespace, name, marks),
	}
	// The validating webhooks are there by name, with no rules: nothing of the double answers them.
	checksums := ""
	for _, validator := range []struct{ service, configuration, webhook, port string }{
		{"linkerd-sp-validator", "linkerd-sp-validator-webhook-config", "linkerd-sp-validator.linkerd.io", "sp-validator"},
		{"linkerd-policy-validator", "linkerd-policy-validator-webhook-config", "linkerd-policy-validator.linkerd.io", "policy-https"},
	} {
		cert, err := mintWebhookCert(validator.service)
		if err != nil {
			return nil, err
		}
		checksums += string(cert.certificate)
		objects = append(objects, cert.secret(validator.service, marks),
			cert.configuration("ValidatingWebhookConfiguration", validator.service, validator.configuration, validator.webhook, settings.WebhookFailurePolicy, marks, []object{}),
			service(namespace, validator.service, marks, object{"type": "ClusterIP", "selector": labels{componentMark: "destination"},
				"ports": []object{{"name": validator.port, "port": 443, "targetPort": validator.port}}}))
	}
	made.podAnnotations["checksum/config"] = checksum(checksums)
	policy := service(namespace, "linkerd-policy", marks, object{"clusterIP": "None", "selector": labels{componentMark: "destination"},
		"ports": []object{{"name": "grpc", "port": 8090, "targetPort": 8090}}})
	return append(append(objects, headed("linkerd-dst", "destination", 8086, "grpc")...), policy, made.deployment()), nil
}

func injector(settings Settings) ([]object, error) {
	const name = "linkerd-proxy-injector"
	marks := component("proxy-injector")
	cert, err := mintWebhookCert(name)
	if err != nil {
		return nil, err
	}
	made := controlWorkload(name, "proxy-injector", "injector")
	made.adminPort = 9995
	made.ports = []object{port("proxy-injector", 8443), port("injector-admin", 9995)}
	made.volumes = []object{secretVolume("tls", name+"-k8s-tls"), configMapVolume("trust-roots", trustRoots)}
	made.mounts = []object{mount("tls", "/var/run/linkerd/tls"), mount("trust-roots", trustFolder)}
	// New certificates need a new pod, so each apply of a render restarts the injector: so it is with the real one.
	made.podAnnotations["checksum/config"] = checksum(string(cert.certificate))
	pods := []object{{"apiGroups": core, "apiVersions": []string{"v1"}, "operations": []string{"CREATE"}, "resources": []string{"pods"}, "scope": "Namespaced"}}
	return []object{
		clusterRole("linkerd-linkerd-proxy-injector", marks, rule(core, []string{"namespaces"}, look)),
		clusterRoleBinding("linkerd-linkerd-proxy-injector", "linkerd-linkerd-proxy-injector", marks, accountSubject(namespace, name)),
		serviceAccount(namespace, name, marks),
		cert.secret(name, marks),
		cert.configuration("MutatingWebhookConfiguration", name, "linkerd-proxy-injector-webhook-config", "linkerd-proxy-injector.linkerd.io", settings.WebhookFailurePolicy, marks, pods),
		service(namespace, name, marks, object{"type": "ClusterIP", "selector": labels{componentMark: "proxy-injector"},
			"ports": []object{{"name": "proxy-injector", "port": 443, "targetPort": "proxy-injector"}}}),
		made.deployment(),
	}, nil
}

func checksum(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
