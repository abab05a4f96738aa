// Package injector is the admission webhook that gives pods their sidecar.
package injector

import (
	"strconv"

	"leafspan.test/linkerd/internal/mesh"
	"leafspan.test/linkerd/internal/proxy"
	"leafspan.test/linkerd/internal/version"
)

type object = map[string]any

const (
	tokenVolume  = "linkerd-identity-token"
	tokenFolder  = "/var/run/secrets/tokens"
	initName     = "linkerd-init"
	proxyName    = "linkerd-proxy"
	tokenSeconds = 86400
)

func initContainer(annotations map[string]string) object {
	return object{
		"name": initName, "image": version.ProxyImage, "imagePullPolicy": "IfNotPresent", "args": []string{"init", annotations[mesh.SkipInbound]},
		"terminationMessagePolicy": "FallbackToLogsOnError",
		// Rules are written by netlink: that takes root with NET_ADMIN, whoever the pod's containers run as.
		"securityContext": object{
			"runAsUser": 0, "runAsGroup": 0, "runAsNonRoot": false, "privileged": false,
			"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
			"capabilities":   object{"add": []string{"NET_ADMIN", "NET_RAW"}},
			"seccompProfile": object{"type": "RuntimeDefault"},
		},
	}
}

func proxyContainer(anchors string, annotations map[string]string) object {
	opaque, ok := annotations[mesh.OpaquePorts]
	if !ok {
		opaque = mesh.DefaultOpaquePorts
	}
	fromField := func(path string) object { return object{"fieldRef": object{"fieldPath": path}} }
	container := object{
		"name": proxyName, "image": version.ProxyImage, "imagePullPolicy": "IfNotPresent", "args": []string{"run"},
		"restartPolicy": "Always", "terminationMessagePolicy": "FallbackToLogsOnError",
		"env": []object{
			{"name": proxy.EnvPod, "valueFrom": fromField("metadata.name")},
			{"name": proxy.EnvNamespace, "valueFrom": fromField("metadata.namespace")},
			{"name": proxy.EnvAccount, "valueFrom": fromField("spec.serviceAccountName")},
			{"name": proxy.EnvGateway, "value": strconv.FormatBool(annotations[mesh.EnableGateway] == "true")},
			{"name": proxy.EnvOpaquePorts, "value": opaque},
			{"name": proxy.EnvShutdownGrace, "value": annotations[mesh.ShutdownGrace]},
			{"name": proxy.EnvAnchors, "value": anchors},
		},
		"ports": []object{
			{"name": "linkerd-proxy", "containerPort": mesh.InboundPort},
			{"name": "linkerd-admin", "containerPort": mesh.AdminPort},
		},
		"readinessProbe": object{"httpGet": object{"path": "/ready", "port": mesh.AdminPort}, "periodSeconds": 2, "timeoutSeconds": 1},
		"livenessProbe":  object{"httpGet": object{"path": "/live", "port": mesh.AdminPort}, "initialDelaySeconds": 10, "timeoutSeconds": 1},
		"securityContext": object{
			"runAsUser": mesh.ProxyUser, "runAsNonRoot": true, "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
			"capabilities": object{"drop": []string{"ALL"}}, "seccompProfile": object{"type": "RuntimeDefault"},
		},
		"volumeMounts": []object{{"name": tokenVolume, "mountPath": tokenFolder, "readOnly": true}},
	}
	// The pod's own containers start when this has been answered once: they find a working mesh.
	if annotations[mesh.ProxyAwait] != "disabled" {
		container["startupProbe"] = object{"httpGet": object{"path": "/ready", "port": mesh.AdminPort}, "periodSeconds": 1, "failureThreshold": 120}
	}
	return container
}

func tokenVolumeSource() object {
	return object{"name": tokenVolume, "projected": object{"sources": []object{{
		"serviceAccountToken": object{"audience": mesh.TokenAudience, "expirationSeconds": tokenSeconds, "path": tokenVolume},
	}}}}
}
