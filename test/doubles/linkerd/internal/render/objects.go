// Package render makes the manifests that the command line prints.
package render

import (
	"encoding/json"
	"fmt"
	"io"

	"leafspan.test/linkerd/internal/version"
)

type object = map[string]any

type labels = map[string]string

const (
	coreVersion   = "v1"
	rbacVersion   = "rbac.authorization.k8s.io/v1"
	rbacGroup     = "rbac.authorization.k8s.io"
	policyGroup   = "policy.linkerd.io"
	policyVersion = policyGroup + "/v1alpha1"
	serverVersion = policyGroup + "/v1beta3"
)

// Print writes one object a line, each marked as the double's.
func Print(to io.Writer, objects []object) error {
	for _, one := range objects {
		mark(one)
		text, err := json.Marshal(one)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(to, "%s\n", text); err != nil {
			return err
		}
	}
	return nil
}

func mark(one object) {
	metadata := one["metadata"].(object)
	annotations, ok := metadata["annotations"].(labels)
	if !ok {
		annotations = labels{}
	}
	annotations[version.CreatedByAnnotation] = version.CreatedBy
	metadata["annotations"] = annotations
}

func named(apiVersion, kind, namespace, name string, marks labels, rest object) object {
	metadata := object{"name": name}
	if namespace != "" {
		metadata["namespace"] = namespace
	}
	if marks != nil {
		metadata["labels"] = marks
	}
	made := object{"apiVersion": apiVersion, "kind": kind, "metadata": metadata}
	for field, value := range rest {
		made[field] = value
	}
	return made
}

func annotated(one object, annotations labels) object {
	one["metadata"].(object)["annotations"] = annotations
	return one
}

func serviceAccount(namespace, name string, marks labels) object {
	return named(coreVersion, "ServiceAccount", namespace, name, marks, nil)
}

func service(namespace, name string, marks labels, spec object) object {
	return named(coreVersion, "Service", namespace, name, marks, object{"spec": spec})
}

// rule of RBAC; the groups and resources are lists.
func rule(groups, resources, verbs []string, resourceNames ...string) object {
	made := object{"apiGroups": groups, "resources": resources, "verbs": verbs}
	if len(resourceNames) > 0 {
		made["resourceNames"] = resourceNames
	}
	return made
}

func clusterRole(name string, marks labels, rules ...object) object {
	return named(rbacVersion, "ClusterRole", "", name, marks, object{"rules": rules})
}

func role(namespace, name string, marks labels, rules ...object) object {
	return named(rbacVersion, "Role", namespace, name, marks, object{"rules": rules})
}

func accountSubject(namespace, name string) object {
	return object{"kind": "ServiceAccount", "name": name, "namespace": namespace}
}

func clusterRoleBinding(name, roleName string, marks labels, subject object) object {
	return named(rbacVersion, "ClusterRoleBinding", "", name, marks, object{
		"roleRef": object{"apiGroup": rbacGroup, "kind": "ClusterRole", "name": roleName}, "subjects": []object{subject},
	})
}

func roleBinding(namespace, name, roleName string, marks labels, subject object) object {
	return named(rbacVersion, "RoleBinding", namespace, name, marks, object{
		"roleRef": object{"apiGroup": rbacGroup, "kind": "Role", "name": roleName}, "subjects": []object{subject},
	})
}

var (
	look  = []string{"get", "list", "watch"}
	core  = []string{""}
	apps  = []string{"apps"}
	batch = []string{"batch"}
)
