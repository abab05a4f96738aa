package destination

import (
	"encoding/json"

	"leafspan.test/kube"
	"leafspan.test/linkerd/internal/mesh"
)

type selector struct {
	MatchLabels map[string]string `json:"matchLabels"`
}

type server struct {
	Metadata kube.Meta `json:"metadata"`
	Spec     struct {
		PodSelector  selector        `json:"podSelector"`
		Port         json.RawMessage `json:"port"`
		AccessPolicy string          `json:"accessPolicy"`
	} `json:"spec"`
}

type reference struct{ Group, Kind, Name, Namespace string }

type authorizationPolicy struct {
	Metadata kube.Meta `json:"metadata"`
	Spec     struct {
		TargetRef                  reference   `json:"targetRef"`
		RequiredAuthenticationRefs []reference `json:"requiredAuthenticationRefs"`
	} `json:"spec"`
}

type networkAuthentication struct {
	Metadata kube.Meta `json:"metadata"`
	Spec     struct {
		Networks []mesh.Network `json:"networks"`
	} `json:"spec"`
}

type meshTLSAuthentication struct {
	Metadata kube.Meta `json:"metadata"`
	Spec     struct {
		Identities   []string    `json:"identities"`
		IdentityRefs []reference `json:"identityRefs"`
	} `json:"spec"`
}

// PolicyOf is what a pod's proxy shall enforce.
func (c *Cluster) PolicyOf(namespace, name string) mesh.Policy {
	policy := mesh.Policy{GatewayDead: c.faults.Now().GatewayDead, Servers: []mesh.PortPolicy{}}
	pod, ok := c.pods.Get(kube.Key(namespace, name))
	if !ok {
		return policy
	}
	for _, server := range c.servers.All() {
		if server.Metadata.Namespace != namespace || !selects(server.Spec.PodSelector, pod.Metadata.Labels) {
			continue
		}
		access := server.Spec.AccessPolicy
		if access == "" {
			access = "deny"
		}
		for _, port := range portsOf(pod, server.Spec.Port) {
			policy.Servers = append(policy.Servers, mesh.PortPolicy{
				Server: server.Metadata.Name, Port: port, Access: access, Authorizations: c.authorizationsFor(server),
			})
		}
	}
	return policy
}

func selects(wanted selector, labels map[string]string) bool {
	for name, value := range wanted.MatchLabels {
		if labels[name] != value {
			return false
		}
	}
	return true
}

// portsOf resolves a Server's port: a number, or the name of a container's port.
func portsOf(pod kube.Pod, port json.RawMessage) []int {
	var number int
	if json.Unmarshal(port, &number) == nil {
		return []int{number}
	}
	var name string
	if json.Unmarshal(port, &name) != nil {
		return nil
	}
	var found []int
	for _, container := range append(append([]kube.Container{}, pod.Spec.InitContainers...), pod.Spec.Containers...) {
		for _, declared := range container.Ports {
			if declared.Name == name {
				found = append(found, declared.ContainerPort)
			}
		}
	}
	return found
}

func (c *Cluster) authorizationsFor(guarded server) []mesh.Authorization {
	found := []mesh.Authorization{}
	for _, policy := range c.authorizations.All() {
		target := policy.Spec.TargetRef
		ofServer := target.Kind == "Server" && target.Name == guarded.Metadata.Name
		if policy.Metadata.Namespace == guarded.Metadata.Namespace && (ofServer || target.Kind == "Namespace") {
			found = append(found, c.requirements(policy))
		}
	}
	return found
}

// requirements turns references into what they refer to; one to nothing can be met by nobody.
func (c *Cluster) requirements(policy authorizationPolicy) mesh.Authorization {
	var needed mesh.Authorization
	for _, ref := range policy.Spec.RequiredAuthenticationRefs {
		namespace := ref.Namespace
		if namespace == "" {
			namespace = policy.Metadata.Namespace
		}
		switch ref.Kind {
		case "NetworkAuthentication":
			found, _ := c.networks.Get(kube.Key(namespace, ref.Name))
			needed.Networks = append(needed.Networks, append([]mesh.Network{}, found.Spec.Networks...))
		case "MeshTLSAuthentication":
			found, _ := c.identities.Get(kube.Key(namespace, ref.Name))
			identities := append([]string{}, found.Spec.Identities...)
			for _, account := range found.Spec.IdentityRefs {
				identities = append(identities, identityOf(account, namespace))
			}
			needed.Identities = append(needed.Identities, identities)
		case "ServiceAccount":
			needed.Identities = append(needed.Identities, []string{identityOf(ref, namespace)})
		}
	}
	return needed
}

func identityOf(ref reference, namespace string) string {
	if ref.Kind == "Namespace" {
		return "*." + ref.Name + ".serviceaccount.identity.linkerd." + mesh.TrustDomain
	}
	if ref.Namespace != "" {
		namespace = ref.Namespace
	}
	return mesh.Identity(ref.Name, namespace)
}
