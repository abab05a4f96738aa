package mirror

import (
	"context"
	"os"
	"time"

	"leafspan.test/kube"
	"leafspan.test/linkerd/internal/mesh"
)

const renewEvery = 10 * time.Second

// holdLease keeps the Lease by which checks find the controller's pod. Nothing removes it: it stays after the controller.
func (c *Controller) holdLease(ctx context.Context) {
	path := "/apis/coordination.k8s.io/v1/namespaces/" + mesh.MulticlusterNamespace + "/leases"
	name := "service-mirror-write-" + c.linkName
	host, _ := os.Hostname()
	for ctx.Err() == nil {
		spec := map[string]any{"holderIdentity": host, "leaseDurationSeconds": 30, "renewTime": time.Now().UTC().Format("2006-01-02T15:04:05.000000Z")}
		err := c.local.Merge(ctx, path+"/"+name, map[string]any{"spec": spec})
		if kube.IsNotFound(err) {
			_ = c.local.Create(ctx, path, map[string]any{
				"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": map[string]any{"name": name}, "spec": spec,
			}, nil)
		}
		kube.Sleep(ctx, renewEvery)
	}
}
