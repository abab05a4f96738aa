package main

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
)

const uninitialisedTaint = "node.cloudprovider.kubernetes.io/uninitialized"

// initialiseNode gives the node its addresses, labels and provider id, and takes away the taint that a kubelet with an
// external cloud provider sets. It looks again from time to time, since a node can be deleted and come back.
func initialiseNode(ctx context.Context, config *serverConfig, client kubernetes.Interface) {
	for ctx.Err() == nil {
		pause := 25 * time.Millisecond
		node, err := client.CoreV1().Nodes().Get(ctx, config.nodeName, metav1.GetOptions{})
		if err == nil {
			if err = patchNode(ctx, config, client, node); err == nil {
				pause = 2 * time.Second
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

func patchNode(ctx context.Context, config *serverConfig, client kubernetes.Interface, node *corev1.Node) error {
	addresses := nodeAddresses(config)
	if !slices.Equal(node.Status.Addresses, addresses) {
		// The $patch directive replaces the list: a merge would keep addresses of an earlier configuration.
		patch := map[string]any{"status": map[string]any{"addresses": append([]any{map[string]string{"$patch": "replace"}}, asAny(addresses)...)}}
		if err := applyNodePatch(ctx, client, node.Name, patch, "status"); err != nil {
			return err
		}
	}
	labels := map[string]string{
		"node-role.kubernetes.io/control-plane": "true",
		"node.kubernetes.io/instance-type":      "k3s",
	}
	missing := map[string]string{}
	for label, value := range labels {
		if node.Labels[label] != value {
			missing[label] = value
		}
	}
	taints := slices.DeleteFunc(slices.Clone(node.Spec.Taints), func(taint corev1.Taint) bool { return taint.Key == uninitialisedTaint })
	if len(missing) == 0 && len(taints) == len(node.Spec.Taints) {
		return nil
	}
	spec := map[string]any{"taints": taints}
	if node.Spec.ProviderID == "" {
		spec["providerID"] = "k3s://" + node.Name
	}
	metadata := map[string]any{"labels": missing, "resourceVersion": node.ResourceVersion}
	return applyNodePatch(ctx, client, node.Name, map[string]any{"metadata": metadata, "spec": spec})
}

func nodeAddresses(config *serverConfig) []corev1.NodeAddress {
	addresses := []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: config.nodeIP.String()}}
	for _, ip := range config.externalIPs {
		addresses = append(addresses, corev1.NodeAddress{Type: corev1.NodeExternalIP, Address: ip.String()})
	}
	return append(addresses, corev1.NodeAddress{Type: corev1.NodeHostName, Address: config.nodeName})
}

func applyNodePatch(ctx context.Context, client kubernetes.Interface, name string, patch any, subresources ...string) error {
	content, err := json.Marshal(patch)
	if err != nil {
		return err
	}
	_, err = client.CoreV1().Nodes().Patch(ctx, name, types.StrategicMergePatchType, content, metav1.PatchOptions{}, subresources...)
	return err
}

// awaitNodeAddress waits for what kube-proxy asks for with a growing back-off, and what the controller of network
// policies reads once.
func awaitNodeAddress(ctx context.Context, client kubernetes.Interface, name string) error {
	for {
		node, err := client.CoreV1().Nodes().Get(ctx, name, metav1.GetOptions{})
		if err == nil && len(node.Status.Addresses) > 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(25 * time.Millisecond):
		}
	}
}

func asAny[T any](values []T) []any {
	var converted []any
	for _, value := range values {
		converted = append(converted, value)
	}
	return converted
}
