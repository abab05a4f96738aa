package render

import (
	"leafspan.test/linkerd/internal/mesh"
	"leafspan.test/linkerd/internal/version"
)

const controllerUser = 2103

// workload describes a Deployment of one container.
type workload struct {
	namespace, name, account, container, image string
	arguments                                  []string
	marks, selector, podLabels, podAnnotations labels
	ports                                      []object
	adminPort                                  int
	volumes, mounts                            []object
	noToken                                    bool
}

func (w workload) deployment() object {
	container := object{
		"name": w.container, "image": w.image, "imagePullPolicy": "IfNotPresent",
		"securityContext": object{
			"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "runAsNonRoot": true,
			"runAsUser": controllerUser, "runAsGroup": controllerUser,
			"capabilities": object{"drop": []string{"ALL"}}, "seccompProfile": object{"type": "RuntimeDefault"},
		},
	}
	if w.arguments != nil {
		container["args"] = w.arguments
	}
	if w.ports != nil {
		container["ports"] = w.ports
	}
	if w.mounts != nil {
		container["volumeMounts"] = w.mounts
	}
	if w.adminPort != 0 {
		container["readinessProbe"] = object{"httpGet": object{"path": "/ready", "port": w.adminPort}, "periodSeconds": 2, "failureThreshold": 7}
		container["livenessProbe"] = object{"httpGet": object{"path": "/live", "port": w.adminPort}, "initialDelaySeconds": 10}
	}
	spec := object{"serviceAccountName": w.account, "containers": []object{container}, "securityContext": object{"seccompProfile": object{"type": "RuntimeDefault"}}}
	if w.volumes != nil {
		spec["volumes"] = w.volumes
	}
	if w.noToken {
		spec["automountServiceAccountToken"] = false
	}
	annotations := labels{version.CreatedByAnnotation: version.CreatedBy}
	for name, value := range w.podAnnotations {
		annotations[name] = value
	}
	return named("apps/v1", "Deployment", w.namespace, w.name, w.marks, object{"spec": object{
		"replicas": 1,
		"selector": object{"matchLabels": w.selector},
		"template": object{"metadata": object{"labels": w.podLabels, "annotations": annotations}, "spec": spec},
	}})
}

func port(name string, number int) object { return object{"name": name, "containerPort": number} }

func configMapVolume(volume, configMap string) object {
	return object{"name": volume, "configMap": object{"name": configMap}}
}

func secretVolume(volume, secret string) object {
	return object{"name": volume, "secret": object{"secretName": secret}}
}

func mount(volume, path string) object {
	return object{"name": volume, "mountPath": path, "readOnly": true}
}

// identityToken is what a control plane pod shows to linkerd-identity; other pods get theirs from the injector.
func identityToken() object {
	return object{"name": "linkerd-identity-token", "projected": object{"sources": []object{{
		"serviceAccountToken": object{"audience": mesh.TokenAudience, "expirationSeconds": 86400, "path": "linkerd-identity-token"},
	}}}}
}
