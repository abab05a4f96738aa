// Package controller keeps nginx as the cluster's objects want it, and tells what it made of them.
package controller

import (
	"cmp"
	"context"
	"fmt"
	"log"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"leafspan.test/kube"
	"leafspan.test/nginx/internal/conf"
	"leafspan.test/nginx/internal/engine"
	"leafspan.test/nginx/internal/flags"
	"leafspan.test/nginx/internal/resources"
)

const (
	rejected       = "Rejected"
	addedOrUpdated = "AddedOrUpdated"
	// Changes come in bunches, and one reload does for all.
	settle = 100 * time.Millisecond
)

type Controller struct {
	client     *kube.Client
	settings   flags.Settings
	cluster    *cluster
	nginx      *engine.Engine
	defaultTLS string
	changed    chan struct{}
	running    string
	told       map[string]string
	events     map[string]event
	ready      atomic.Bool
}

// New starts to watch; defaultTLS is the file of the default server's certificate, or nothing.
func New(ctx context.Context, client *kube.Client, settings flags.Settings, nginx *engine.Engine, defaultTLS string) *Controller {
	c := &Controller{client: client, settings: settings, nginx: nginx, defaultTLS: defaultTLS,
		changed: make(chan struct{}, 1), told: map[string]string{}, events: map[string]event{}}
	c.cluster = follow(ctx, client, settings, func() {
		select {
		case c.changed <- struct{}{}:
		default:
		}
	})
	return c
}

// Ready is true once nginx runs a configuration of everything that there was at the start.
func (c *Controller) Ready() bool { return c.ready.Load() }

// Run ends with ctx. At the start the real one meets the TransportServers before it has read the listeners, and says so.
func (c *Controller) Run(ctx context.Context) {
	for !c.cluster.synced() {
		kube.Sleep(ctx, 50*time.Millisecond)
		if ctx.Err() != nil {
			return
		}
	}
	_, before := c.streams(nil)
	c.tell(ctx, before)
	for {
		c.reconcile(ctx)
		select {
		case <-ctx.Done():
			return
		case <-c.changed:
			kube.Sleep(ctx, settle)
		}
	}
}

func (c *Controller) reconcile(ctx context.Context) {
	listeners, verdicts := c.listeners()
	streams, aboutStreams := c.streams(listeners)
	servers, aboutServers := c.servers(c.defaultTLS)
	config := conf.Config{WorkerConnections: c.workerConnections(), StatusPort: c.settings.StatusPort, IPv6: c.settings.IPv6, DefaultTLS: c.defaultTLS, Streams: streams, Servers: servers}
	verdicts = append(append(append(verdicts, c.aboutPolicies()...), aboutStreams...), aboutServers...)
	if text := config.Text(); text != c.running {
		if err := c.nginx.Apply(config); err != nil {
			log.Printf("Error when reloading NGINX: %v", err)
			verdicts = notApplied(verdicts, err)
		} else {
			c.ready.Store(true)
		}
		c.running = text
	}
	c.tell(ctx, verdicts)
}

func (c *Controller) workerConnections() int {
	namespace, name, _ := strings.Cut(c.settings.ConfigMap, "/")
	configMap, _ := c.cluster.configMaps.get(namespace, name)
	connections, err := WorkerConnections(configMap)
	if err != nil {
		log.Print(err)
	}
	return connections
}

// WorkerConnections is the one key of the ConfigMap that the double does; 0 without it.
func WorkerConnections(configMap kube.ConfigMap) (int, error) {
	for key := range configMap.Data {
		if key != "worker-connections" {
			return 0, fmt.Errorf("the double does not do %s of the ConfigMap %s", key, configMap.Metadata.Name)
		}
	}
	text, ok := configMap.Data["worker-connections"]
	if !ok {
		return 0, nil
	}
	return strconv.Atoi(text)
}

func (c *Controller) listeners() ([]resources.Listener, []verdict) {
	namespace, name, _ := strings.Cut(c.settings.GlobalConfiguration, "/")
	global, ok := c.cluster.global.get(namespace, name)
	if !ok {
		return nil, nil
	}
	reserved := map[int]bool{80: true, 443: true, c.settings.StatusPort: c.settings.StatusPort != 0}
	listeners, err := global.Spec.Valid(reserved)
	key := namespace + "/" + name
	// It has no status, in the real one either.
	if err != nil {
		message := fmt.Sprintf("GlobalConfiguration %s is updated with errors: %v", key, err)
		return listeners, []verdict{verdictOn("GlobalConfiguration", "", global, "", "AddedOrUpdatedWithError", message)}
	}
	message := fmt.Sprintf("GlobalConfiguration %s was added or updated", key)
	return listeners, []verdict{verdictOn("GlobalConfiguration", "", global, "", "Updated", message)}
}

func (c *Controller) aboutPolicies() []verdict {
	var verdicts []verdict
	for _, policy := range oldestFirst(c.cluster.policies.all()) {
		if !c.isOurs(policy.Spec.IngressClassName) {
			continue
		}
		key := policy.Metadata.Namespace + "/" + policy.Metadata.Name
		state, reason, message := "Valid", addedOrUpdated, fmt.Sprintf("Policy %s was added or updated", key)
		if err := resources.CheckPolicy(policy); err != nil {
			state, reason, message = "Invalid", rejected, fmt.Sprintf("Policy %s is invalid and was rejected: %v", key, err)
		}
		verdicts = append(verdicts, verdictOn("Policy", "policies", policy, state, reason, message))
	}
	return verdicts
}

// isOurs: custom resources without a class are everyone's.
func (c *Controller) isOurs(class string) bool {
	return class == "" || class == c.settings.IngressClass
}

func oldestFirst[S any](objects []resources.Object[S]) []resources.Object[S] {
	slices.SortFunc(objects, func(a, b resources.Object[S]) int {
		return cmp.Or(cmp.Compare(a.Metadata.CreationTimestamp, b.Metadata.CreationTimestamp), cmp.Compare(a.Metadata.UID, b.Metadata.UID))
	})
	return objects
}
