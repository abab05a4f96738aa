package mirror

import (
	"context"
	"errors"
	"fmt"
	"log"
	"reflect"
	"strconv"
	"time"

	"leafspan.test/kube"
	"leafspan.test/linkerd/internal/mesh"
)

// run is the time during which one state of a Link is served.
type run struct {
	*Controller
	link      Link
	remote    *kube.Client
	liveness  *Liveness
	services  *kube.Store[kube.Service]
	endpoints *kube.Store[kube.Endpoints]
	// wantedAt is since when a mirror has been wanted, for the misbehaviour of slow endpoints.
	wantedAt map[string]time.Time
	skipped  map[string]bool
}

func (r *run) reconcile(ctx context.Context) error {
	if !r.services.Synced() || !r.endpoints.Synced() || !r.namespaces.Synced() || !r.Controller.services.Synced() || !r.Controller.endpoints.Synced() {
		return nil
	}
	gateway := gatewayAddresses(ctx, r.link.Spec.GatewayAddress)
	failures := []error{r.ensureProbe(ctx, gateway)}
	exported := r.services.All()
	if r.faults.Now().MirrorMissing {
		exported = nil
	}
	wanted := map[string]bool{}
	statuses := []ServiceStatus{}
	for _, remote := range exported {
		if remote.Metadata.DeletionTimestamp != nil {
			continue
		}
		if _, ok := r.namespaces.Get(kube.Key("", remote.Metadata.Namespace)); !ok {
			statuses = append(statuses, r.status(remote, "False", "MissingNamespace", "Namespace does not exist"))
			r.tellSkipped(ctx, remote)
			continue
		}
		if remote.Spec.ClusterIP == "None" {
			statuses = append(statuses, r.status(remote, "False", "InvalidService", "Service is headless"))
			continue
		}
		wanted[kube.Key(remote.Metadata.Namespace, NameOf(remote.Metadata.Name, r.link.Spec.TargetClusterName))] = true
		if err := r.ensureMirror(ctx, remote, gateway); err != nil {
			failures = append(failures, err)
			statuses = append(statuses, r.status(remote, "False", "Error", err.Error()))
			continue
		}
		statuses = append(statuses, r.status(remote, "True", "Mirrored", ""))
	}
	failures = append(failures, r.removeOthers(ctx, wanted), r.writeStatus(ctx, statuses))
	return errors.Join(failures...)
}

func (r *run) ensureMirror(ctx context.Context, remote kube.Service, gateway []kube.Address) error {
	service := desiredService(remote, r.link.Spec)
	key := kube.Key(service.Metadata.Namespace, service.Metadata.Name)
	if _, ok := r.wantedAt[key]; !ok {
		r.wantedAt[key] = time.Now()
	}
	if err := r.ensureService(ctx, service); err != nil {
		return err
	}
	if time.Since(r.wantedAt[key]) < r.faults.Now().EndpointsDelay {
		return nil
	}
	there, _ := r.endpoints.Get(kube.Key(remote.Metadata.Namespace, remote.Metadata.Name))
	return r.ensureEndpoints(ctx, desiredEndpoints(remote, r.link.Spec, gateway, hasReadyPod(there), r.liveness.Usable()))
}

func (r *run) ensureService(ctx context.Context, want kube.Service) error {
	path := "/api/v1/namespaces/" + want.Metadata.Namespace + "/services"
	have, ok := r.Controller.services.Get(kube.Key(want.Metadata.Namespace, want.Metadata.Name))
	if !ok {
		err := r.local.Create(ctx, path, want, nil)
		if kube.IsConflict(err) {
			return nil // the watch has not told of it yet
		}
		if err == nil {
			log.Printf("mirrored %s/%s", want.Metadata.Namespace, want.Metadata.Name)
		}
		return err
	}
	if reflect.DeepEqual(have.Metadata.Labels, want.Metadata.Labels) && reflect.DeepEqual(have.Metadata.Annotations, want.Metadata.Annotations) && samePorts(have.Spec.Ports, want.Spec.Ports) {
		return nil
	}
	want.Metadata.ResourceVersion = have.Metadata.ResourceVersion
	want.Spec.ClusterIP = have.Spec.ClusterIP
	return r.local.Update(ctx, path+"/"+want.Metadata.Name, want)
}

func samePorts(have, want []kube.ServicePort) bool {
	if len(have) != len(want) {
		return false
	}
	for index := range have {
		if have[index].Name != want[index].Name || have[index].Port != want[index].Port || have[index].Protocol != want[index].Protocol {
			return false
		}
	}
	return true
}

func (r *run) ensureEndpoints(ctx context.Context, want kube.Endpoints) error {
	path := "/api/v1/namespaces/" + want.Metadata.Namespace + "/endpoints"
	have, ok := r.Controller.endpoints.Get(kube.Key(want.Metadata.Namespace, want.Metadata.Name))
	if !ok {
		err := r.local.Create(ctx, path, want, nil)
		if kube.IsConflict(err) {
			return nil
		}
		return err
	}
	if len(have.Subsets) == len(want.Subsets) && (len(want.Subsets) == 0 || reflect.DeepEqual(have.Subsets, want.Subsets)) && reflect.DeepEqual(have.Metadata.Annotations[mesh.RemoteGatewayID], want.Metadata.Annotations[mesh.RemoteGatewayID]) {
		return nil
	}
	want.Metadata.ResourceVersion = have.Metadata.ResourceVersion
	return r.local.Update(ctx, path+"/"+want.Metadata.Name, want)
}

// ensureProbe gives the probe's Service the gateway's address.
func (r *run) ensureProbe(ctx context.Context, gateway []kube.Address) error {
	port, err := strconv.Atoi(r.link.Spec.ProbeSpec.Port)
	if err != nil || len(gateway) == 0 {
		return err
	}
	return r.ensureEndpoints(ctx, kube.Endpoints{
		APIVersion: "v1", Kind: "Endpoints",
		Metadata: kube.Meta{
			Name: r.probeService, Namespace: mesh.MulticlusterNamespace,
			Labels:      map[string]string{mesh.MirroredGateway: "true", mesh.MirrorCluster: r.link.Spec.TargetClusterName},
			Annotations: map[string]string{mesh.RemoteGatewayID: r.link.Spec.GatewayIdentity},
		},
		Subsets: []kube.Subset{{Addresses: gateway, Ports: []kube.EndpointPort{{Name: "mc-probe", Port: port, Protocol: "TCP"}}}},
	})
}

func (r *run) removeOthers(ctx context.Context, wanted map[string]bool) error {
	var failures []error
	for _, service := range r.Controller.services.All() {
		meta := service.Metadata
		key := kube.Key(meta.Namespace, meta.Name)
		if meta.Labels[mesh.MirroredService] != "true" || meta.Labels[mesh.MirrorCluster] != r.link.Spec.TargetClusterName || wanted[key] {
			continue
		}
		delete(r.wantedAt, key)
		if err := r.local.Delete(ctx, "/api/v1/namespaces/"+meta.Namespace+"/services/"+meta.Name); err != nil && !kube.IsNotFound(err) {
			failures = append(failures, err)
			continue
		}
		err := r.local.Delete(ctx, "/api/v1/namespaces/"+meta.Namespace+"/endpoints/"+meta.Name)
		if err != nil && !kube.IsNotFound(err) {
			failures = append(failures, err)
		}
		log.Printf("removed mirror %s", key)
	}
	return errors.Join(failures...)
}

// tellSkipped leaves an Event on the other cluster's Service, once.
func (r *run) tellSkipped(ctx context.Context, remote kube.Service) {
	if r.skipped[remote.Metadata.UID] {
		return
	}
	r.skipped[remote.Metadata.UID] = true
	now := time.Now().UTC().Format(time.RFC3339)
	err := r.remote.Create(ctx, "/api/v1/namespaces/"+remote.Metadata.Namespace+"/events", map[string]any{
		"apiVersion": "v1", "kind": "Event", "type": "Warning", "reason": "ServiceMirroringSkipped", "count": 1,
		"message":        fmt.Sprintf("Skipped mirroring service: namespace %s does not exist", remote.Metadata.Namespace),
		"metadata":       map[string]any{"generateName": remote.Metadata.Name + ".", "namespace": remote.Metadata.Namespace},
		"involvedObject": kube.ObjectRef{APIVersion: "v1", Kind: "Service", Name: remote.Metadata.Name, Namespace: remote.Metadata.Namespace, UID: remote.Metadata.UID},
		"source":         map[string]any{"component": "linkerd-service-mirror-" + r.link.Spec.TargetClusterName}, "firstTimestamp": now, "lastTimestamp": now,
	}, nil)
	if err != nil {
		log.Printf("event: %v", err)
	}
}
