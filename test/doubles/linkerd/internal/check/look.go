package check

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"leafspan.test/kube"
)

// looker asks the cluster.
type looker struct{ client *kube.Client }

// exist checks a list of paths, and names what is missing.
func (l looker) exist(kind string, pathOf func(name string) string, names ...string) func(context.Context) error {
	return func(ctx context.Context) error {
		var missing []string
		for _, name := range names {
			if err := l.client.Get(ctx, pathOf(name), nil); kube.IsNotFound(err) {
				missing = append(missing, name)
			} else if err != nil {
				return err
			}
		}
		if len(missing) > 0 {
			return fmt.Errorf("missing %s: %s", kind, strings.Join(missing, ", "))
		}
		return nil
	}
}

func under(prefix string) func(string) string {
	return func(name string) string { return prefix + name }
}

type deployment struct {
	Metadata kube.Meta
	Spec     struct{ Replicas int }
	Status   struct{ AvailableReplicas, UpdatedReplicas, ReadyReplicas int }
}

func (l looker) deployments(ctx context.Context, namespace string) ([]deployment, error) {
	var list kube.List[deployment]
	err := l.client.Get(ctx, "/apis/apps/v1/namespaces/"+namespace+"/deployments", &list)
	return list.Items, err
}

func (l looker) pods(ctx context.Context, namespace string) ([]kube.Pod, error) {
	var list kube.List[kube.Pod]
	err := l.client.Get(ctx, "/api/v1/namespaces/"+namespace+"/pods", &list)
	return list.Items, err
}

// podsReady wants at least one pod of each Deployment, and each ready.
func (l looker) podsReady(ctx context.Context, namespace string, deployments ...string) error {
	pods, err := l.pods(ctx, namespace)
	if err != nil {
		return err
	}
	for _, name := range deployments {
		ready := false
		for _, pod := range pods {
			ready = ready || strings.HasPrefix(pod.Metadata.Name, name+"-") && pod.Status.Phase == "Running" && pod.Ready()
		}
		if !ready {
			return fmt.Errorf("No running pods for %q", name)
		}
	}
	return nil
}

func joined(failures []string, head string) error {
	if len(failures) == 0 {
		return nil
	}
	return errors.New(head + strings.Join(failures, "\n    "))
}
