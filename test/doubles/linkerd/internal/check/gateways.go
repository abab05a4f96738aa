package check

import (
	"context"
	"fmt"
	"regexp"
	"strconv"

	"leafspan.test/kube"
	"leafspan.test/linkerd/internal/mesh"
	"leafspan.test/linkerd/internal/mirror"
)

// Gateway is a line of `linkerd multicluster gateways`.
type Gateway struct {
	ClusterName      string `json:"clusterName"`
	Alive            bool   `json:"alive"`
	NumberOfServices int    `json:"numberOfServices"`
	Latency          uint64 `json:"latency"`
}

// Gateways lists those that have been probed; right after a Link there are none.
func Gateways(ctx context.Context, client *kube.Client) ([]Gateway, error) {
	l := looker{client}
	links, err := l.links(ctx)
	if err != nil {
		return nil, err
	}
	found := []Gateway{}
	for _, link := range links {
		alive, latency, err := l.gatewayMetrics(ctx, link.Spec.TargetClusterName)
		if err != nil {
			continue
		}
		mirrors, err := l.mirrors(ctx, mesh.MirrorCluster+"="+link.Spec.TargetClusterName)
		if err != nil {
			return nil, err
		}
		found = append(found, Gateway{ClusterName: link.Spec.TargetClusterName, Alive: alive, NumberOfServices: len(mirrors), Latency: latency})
	}
	return found, nil
}

func (l looker) links(ctx context.Context) ([]mirror.Link, error) {
	var list kube.List[mirror.Link]
	err := l.client.Get(ctx, mirror.LinksPath, &list)
	if kube.IsNotFound(err) {
		return nil, nil
	}
	return list.Items, err
}

func (l looker) mirrors(ctx context.Context, selector string) ([]kube.Service, error) {
	var list kube.List[kube.Service]
	err := l.client.Get(ctx, "/api/v1/services?labelSelector="+mesh.MirroredService+"%3Dtrue,"+selector, &list)
	return list.Items, err
}

var gatewayMetric = regexp.MustCompile(`(?m)^gateway_(alive|latency)\{[^}]*\} (\d+)$`)

// gatewayMetrics asks the Link's controller, through the API server.
func (l looker) gatewayMetrics(ctx context.Context, cluster string) (alive bool, latency uint64, err error) {
	var list kube.List[kube.Pod]
	pods := "/api/v1/namespaces/" + mesh.MulticlusterNamespace + "/pods"
	if err := l.client.Get(ctx, pods+"?labelSelector=component%3Dcontroller,"+mesh.MirrorCluster+"%3D"+cluster, &list); err != nil {
		return false, 0, err
	}
	err = fmt.Errorf("no running controller for %s", cluster)
	for _, pod := range list.Items {
		if pod.Status.Phase != "Running" || pod.Metadata.DeletionTimestamp != nil {
			continue
		}
		var text []byte
		if err = l.client.Get(ctx, pods+"/"+pod.Metadata.Name+":9999/proxy/metrics", &text); err != nil {
			continue
		}
		values := map[string]uint64{}
		for _, match := range gatewayMetric.FindAllSubmatch(text, -1) {
			values[string(match[1])], _ = strconv.ParseUint(string(match[2]), 10, 64)
		}
		if value, ok := values["alive"]; ok {
			return value == 1, values["latency"], nil
		}
		err = fmt.Errorf("expected exactly one gateway metric for target cluster %s; got 0", cluster)
	}
	return false, 0, err
}
