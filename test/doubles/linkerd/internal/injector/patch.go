package injector

import (
	"strings"

	"leafspan.test/kube"
	"leafspan.test/linkerd/internal/mesh"
	"leafspan.test/linkerd/internal/version"
)

type operation struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value"`
}

// wanted follows the pod's annotation, or else its namespace's.
func wanted(pod kube.Pod, namespace kube.Namespace) bool {
	if pod.Spec.HostNetwork || pod.HasProxy() {
		return false
	}
	inject, ok := pod.Metadata.Annotations[mesh.Inject]
	if !ok {
		inject = namespace.Metadata.Annotations[mesh.Inject]
	}
	return inject == "enabled"
}

// patchFor lists what makes a pod a meshed one. raw is the pod as it came, to see which fields it has.
func patchFor(pod kube.Pod, namespace kube.Namespace, raw object, anchors string) []operation {
	annotations := inherited(pod, namespace)
	spec, _ := raw["spec"].(object)
	metadata, _ := raw["metadata"].(object)
	var patch []operation
	if spec["initContainers"] == nil {
		patch = append(patch, operation{"add", "/spec/initContainers", []object{}})
	}
	if spec["volumes"] == nil {
		patch = append(patch, operation{"add", "/spec/volumes", []object{}})
	}
	patch = append(patch,
		operation{"add", "/spec/initContainers/0", proxyContainer(anchors, annotations)},
		operation{"add", "/spec/initContainers/0", initContainer(annotations)},
		operation{"add", "/spec/volumes/-", tokenVolumeSource()},
	)
	patch = append(patch, entries("annotations", metadata, [][2]string{
		{version.CreatedByAnnotation, version.CreatedBy},
		{mesh.ProxyVersion, version.Version},
		{mesh.TrustRootSHA256, mesh.TrustRootHash(anchors)},
	})...)
	return append(patch, entries("labels", metadata, [][2]string{
		{mesh.ControlPlaneNS, mesh.ControlNamespace},
		{"linkerd.io/workload-ns", namespace.Metadata.Name},
	})...)
}

// inherited adds a namespace's config annotations to those that the pod lacks.
func inherited(pod kube.Pod, namespace kube.Namespace) map[string]string {
	all := map[string]string{}
	for name, value := range namespace.Metadata.Annotations {
		if strings.HasPrefix(name, "config.linkerd.io/") {
			all[name] = value
		}
	}
	for name, value := range pod.Metadata.Annotations {
		all[name] = value
	}
	return all
}

func entries(field string, metadata object, pairs [][2]string) []operation {
	var patch []operation
	if metadata[field] == nil {
		patch = append(patch, operation{"add", "/metadata/" + field, object{}})
	}
	for _, pair := range pairs {
		patch = append(patch, operation{"add", "/metadata/" + field + "/" + strings.ReplaceAll(pair[0], "/", "~1"), pair[1]})
	}
	return patch
}
