package render

import "leafspan.test/linkerd/internal/mesh"

type crd struct {
	group, plural, singular, kind string
	shortNames                    []string
	versions                      []string // the last one is stored
	status                        bool
	marks                         labels
	spec                          object
	statusSchema                  object
}

var anything = object{"type": "object", "x-kubernetes-preserve-unknown-fields": true}

// CRDs renders `linkerd install --crds`.
func CRDs() []object {
	policy := func(plural, singular, kind string, status bool, short []string, versions ...string) object {
		return crd{group: policyGroup, plural: plural, singular: singular, kind: kind, shortNames: short, versions: versions, status: status}.object()
	}
	return []object{
		policy("authorizationpolicies", "authorizationpolicy", "AuthorizationPolicy", false, []string{"authzpolicy"}, "v1alpha1"),
		policy("egressnetworks", "egressnetwork", "EgressNetwork", true, nil, "v1alpha1"),
		policy("httplocalratelimitpolicies", "httplocalratelimitpolicy", "HTTPLocalRateLimitPolicy", true, nil, "v1alpha1"),
		policy("httproutes", "httproute", "HTTPRoute", true, nil, "v1alpha1", "v1beta1", "v1beta2", "v1beta3"),
		policy("meshtlsauthentications", "meshtlsauthentication", "MeshTLSAuthentication", false, []string{"meshtlsauthn"}, "v1alpha1"),
		policy("networkauthentications", "networkauthentication", "NetworkAuthentication", false, []string{"netauthn", "networkauthn"}, "v1alpha1"),
		policy("serverauthorizations", "serverauthorization", "ServerAuthorization", false, []string{"saz", "serverauthz", "srvauthz"}, "v1alpha1", "v1beta1"),
		policy("servers", "server", "Server", false, []string{"srv"}, "v1alpha1", "v1beta1", "v1beta2", "v1beta3"),
		crd{group: "linkerd.io", plural: "serviceprofiles", singular: "serviceprofile", kind: "ServiceProfile", shortNames: []string{"sp"}, versions: []string{"v1alpha1", "v1alpha2"}}.object(),
		crd{group: "workload.linkerd.io", plural: "externalworkloads", singular: "externalworkload", kind: "ExternalWorkload", versions: []string{"v1alpha1", "v1beta1"}, status: true}.object(),
	}
}

func (c crd) object() object {
	spec := c.spec
	if spec == nil {
		spec = anything
	}
	var versions []object
	for index, name := range c.versions {
		properties := object{"spec": spec}
		version := object{"name": name, "served": true, "storage": index == len(c.versions)-1}
		if c.status {
			version["subresources"] = object{"status": object{}}
			properties["status"] = anything
			if c.statusSchema != nil {
				properties["status"] = c.statusSchema
			}
		}
		version["schema"] = object{"openAPIV3Schema": object{"type": "object", "properties": properties}}
		versions = append(versions, version)
	}
	names := object{"kind": c.kind, "listKind": c.kind + "List", "plural": c.plural, "singular": c.singular}
	if c.shortNames != nil {
		names["shortNames"] = c.shortNames
	}
	marks := c.marks
	if marks == nil {
		marks = labels{mesh.ControlPlaneNS: mesh.ControlNamespace}
	}
	return named("apiextensions.k8s.io/v1", "CustomResourceDefinition", "", c.plural+"."+c.group, marks, object{"spec": object{
		"group": c.group, "names": names, "scope": "Namespaced", "versions": versions,
	}})
}

// linkCRD knows its fields: what a Link has too much, or of the wrong type, is refused as by the real one.
func linkCRD(marks labels) object {
	text := object{"type": "string"}
	textOr := func(otherwise string) object { return object{"type": "string", "default": otherwise} }
	fields := func(properties object) object { return object{"type": "object", "properties": properties} }
	list := func(items object) object { return object{"type": "array", "items": items} }
	selector := fields(object{"matchLabels": anything, "matchExpressions": list(fields(object{
		"key": text, "operator": text, "values": list(text),
	}))})
	reference := fields(object{"group": textOr("core"), "kind": textOr("Service"), "name": text, "namespace": text})
	mirrored := list(fields(object{
		"controllerName": text, "remoteRef": reference,
		"conditions": list(fields(object{
			"type": text, "status": text, "reason": text, "message": text,
			"lastTransitionTime": object{"type": "string", "format": "date-time"}, "localRef": reference,
		})),
	}))
	return crd{
		group: "multicluster.linkerd.io", plural: "links", singular: "link", kind: "Link", status: true, marks: marks,
		versions: []string{"v1alpha1", "v1alpha2", "v1alpha3"},
		spec: fields(object{
			"targetClusterName": text, "targetClusterDomain": text, "targetClusterLinkerdNamespace": text,
			"clusterCredentialsSecret": text, "gatewayAddress": text, "gatewayPort": text, "gatewayIdentity": text,
			"probeSpec": fields(object{
				"path": text, "port": text, "period": text, "timeout": textOr("30s"), "failureThreshold": textOr("3"),
			}),
			"selector": selector, "remoteDiscoverySelector": selector, "federatedServiceSelector": selector,
			"excludedAnnotations": list(text), "excludedLabels": list(text),
		}),
		statusSchema: fields(object{"mirrorServices": mirrored, "federatedServices": mirrored}),
	}.object()
}
