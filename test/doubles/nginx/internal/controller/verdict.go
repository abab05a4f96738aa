package controller

import (
	"context"
	"fmt"
	"log"
	"maps"
	"time"

	"leafspan.test/kube"
	"leafspan.test/nginx/internal/resources"
)

// verdict is what is said about one object: always by an event, and by its status if the kind has one.
type verdict struct {
	kind, plural  string
	meta          resources.Meta
	status        resources.Status
	state, reason string
	message       string
	raw           map[string]any
}

type event struct {
	name  string
	count int
}

func verdictOn[S any](kind, plural string, object resources.Object[S], state, reason, message string) verdict {
	return verdict{kind: kind, plural: plural, meta: object.Metadata, status: object.Status, state: state, reason: reason, message: message, raw: object.Raw}
}

// notApplied turns what was taken over into what was not.
func notApplied(verdicts []verdict, err error) []verdict {
	for index := range verdicts {
		v := &verdicts[index]
		if v.reason == addedOrUpdated && v.kind != "Policy" {
			v.state, v.reason, v.message = "Invalid", "AddedOrUpdatedWithError", fmt.Sprintf("%s; but was not applied: %v", v.message, err)
		}
	}
	return verdicts
}

// tell says what is new: the same about the same generation of an object is said once.
func (c *Controller) tell(ctx context.Context, verdicts []verdict) {
	for _, v := range verdicts {
		said := fmt.Sprintf("%d %s %s", v.meta.Generation, v.reason, v.message)
		if c.told[v.meta.UID] != said {
			c.told[v.meta.UID] = said
			c.record(ctx, v)
		}
		if v.plural != "" && (v.status != resources.Status{State: v.state, Reason: v.reason, Message: v.message}) {
			if err := c.writeStatus(ctx, v); err != nil {
				log.Printf("Error when updating the status for %s %s/%s: %v", v.kind, v.meta.Namespace, v.meta.Name, err)
			}
		}
	}
}

// writeStatus updates the subresource, and once more from the newest version when another writer was first.
func (c *Controller) writeStatus(ctx context.Context, v verdict) error {
	path := fmt.Sprintf("%s/namespaces/%s/%s/%s", nginxAPI, v.meta.Namespace, v.plural, v.meta.Name)
	object := maps.Clone(v.raw)
	object["status"] = map[string]string{"state": v.state, "reason": v.reason, "message": v.message}
	err := c.client.Update(ctx, path+"/status", object)
	if !kube.IsConflict(err) {
		return err
	}
	var newest map[string]any
	if err := c.client.Get(ctx, path, &newest); err != nil {
		return err
	}
	newest["status"] = object["status"]
	return c.client.Update(ctx, path+"/status", newest)
}

// record makes an event, or counts up the same one.
func (c *Controller) record(ctx context.Context, v verdict) {
	log.Printf("Event(%s %s/%s): %s %s", v.kind, v.meta.Namespace, v.meta.Name, v.reason, v.message)
	path := fmt.Sprintf("%s/namespaces/%s/events", core, v.meta.Namespace)
	now := time.Now().UTC()
	key := v.meta.UID + v.reason + v.message
	if earlier, ok := c.events[key]; ok {
		earlier.count++
		c.events[key] = earlier
		patch := map[string]any{"count": earlier.count, "lastTimestamp": now.Format(time.RFC3339)}
		if err := c.client.Merge(ctx, path+"/"+earlier.name, patch); err != nil && !kube.IsNotFound(err) {
			log.Printf("Server rejected event: %v", err)
		}
		return
	}
	name := fmt.Sprintf("%s.%x", v.meta.Name, now.UnixNano())
	kind := "Normal"
	if v.reason != addedOrUpdated && v.reason != "Updated" {
		kind = "Warning"
	}
	source := map[string]any{"component": "nginx-ingress-controller"}
	err := c.client.Create(ctx, path, map[string]any{
		"apiVersion": "v1", "kind": "Event", "metadata": map[string]any{"name": name, "namespace": v.meta.Namespace},
		"involvedObject": map[string]any{"apiVersion": v.raw["apiVersion"], "kind": v.kind, "namespace": v.meta.Namespace, "name": v.meta.Name, "uid": v.meta.UID, "resourceVersion": v.meta.ResourceVersion},
		"type":           kind, "reason": v.reason, "message": v.message, "source": source, "count": 1,
		"firstTimestamp": now.Format(time.RFC3339), "lastTimestamp": now.Format(time.RFC3339),
	}, nil)
	if err != nil {
		log.Printf("Server rejected event: %v", err)
		return
	}
	c.events[key] = event{name: name, count: 1}
}
