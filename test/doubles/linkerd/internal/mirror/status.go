package mirror

import (
	"context"
	"reflect"
	"sort"
	"time"

	"leafspan.test/kube"
)

const controllerName = "linkerd.io/service-mirror"

// status keeps the time of the last change of a condition that says the same.
func (r *run) status(remote kube.Service, status, reason, message string) ServiceStatus {
	condition := LinkStatusCondition{
		Type: "Mirrored", Status: status, Reason: reason, Message: message,
		LastTransitionTime: time.Now().UTC().Format(time.RFC3339),
	}
	if status == "True" {
		condition.LocalRef = &Reference{
			Group: "core", Kind: "Service", Namespace: remote.Metadata.Namespace,
			Name: NameOf(remote.Metadata.Name, r.link.Spec.TargetClusterName),
		}
	}
	ref := Reference{Group: "core", Kind: "Service", Name: remote.Metadata.Name, Namespace: remote.Metadata.Namespace}
	for _, known := range r.link.Status.MirrorServices {
		if known.RemoteRef == ref && len(known.Conditions) == 1 && known.Conditions[0].Status == status && known.Conditions[0].Reason == reason {
			condition.LastTransitionTime = known.Conditions[0].LastTransitionTime
		}
	}
	return ServiceStatus{ControllerName: controllerName, RemoteRef: ref, Conditions: []LinkStatusCondition{condition}}
}

// writeStatus leaves the last entry standing when no mirror remains: the real one does, and so a status proves presence
// but never absence.
func (r *run) writeStatus(ctx context.Context, statuses []ServiceStatus) error {
	if len(statuses) == 0 {
		return nil
	}
	sort.Slice(statuses, func(a, b int) bool {
		x, y := statuses[a].RemoteRef, statuses[b].RemoteRef
		return kube.Key(x.Namespace, x.Name) < kube.Key(y.Namespace, y.Name)
	})
	if reflect.DeepEqual(statuses, r.link.Status.MirrorServices) {
		return nil
	}
	err := r.local.Merge(ctx, LinksPath+"/"+r.linkName+"/status", map[string]any{"status": LinkStatus{MirrorServices: statuses}})
	if err == nil {
		r.link.Status.MirrorServices = statuses
	}
	return err
}
