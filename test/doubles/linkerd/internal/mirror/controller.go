package mirror

import (
	"context"
	"fmt"
	"log"
	"net"
	"reflect"
	"strings"
	"sync"
	"time"

	"leafspan.test/kube"
	"leafspan.test/linkerd/internal/faults"
	"leafspan.test/linkerd/internal/mesh"
)

// repairEvery is when all is looked at without a reason; changes are acted on at once.
const repairEvery = time.Second

// Controller serves one Link.
type Controller struct {
	local        *kube.Client
	faults       *faults.Source
	linkName     string
	probeService string
	wake         chan struct{}
	namespaces   *kube.Store[kube.Namespace]
	services     *kube.Store[kube.Service]
	endpoints    *kube.Store[kube.Endpoints]

	mutex    sync.Mutex
	liveness *Liveness
}

func NewController(ctx context.Context, local *kube.Client, linkName, probeService string) *Controller {
	c := &Controller{local: local, faults: faults.Follow(ctx, local), linkName: linkName, probeService: probeService, wake: make(chan struct{}, 1)}
	c.namespaces = kube.Watch[kube.Namespace](ctx, local, "/api/v1/namespaces", "", c.nudge)
	c.services = kube.Watch[kube.Service](ctx, local, "/api/v1/services", mesh.MirrorCluster, c.nudge)
	c.endpoints = kube.Watch[kube.Endpoints](ctx, local, "/api/v1/endpoints", mesh.MirrorCluster, c.nudge)
	return c
}

func (c *Controller) nudge() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// Liveness of the gateway of the Link that is served now; nil without one.
func (c *Controller) Liveness() *Liveness {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.liveness
}

func (c *Controller) setLiveness(liveness *Liveness) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.liveness = liveness
}

// Run serves the Link as it is, and starts anew when it or its credentials change. It may run before there is a Link.
func (c *Controller) Run(ctx context.Context) {
	complaint := ""
	for ctx.Err() == nil {
		err := c.serve(ctx)
		c.setLiveness(nil)
		if text := fmt.Sprint(err); err != nil && text != complaint {
			log.Printf("link %s: %v", c.linkName, err)
			complaint = text
		}
		kube.Sleep(ctx, repairEvery)
	}
}

func (c *Controller) serve(parent context.Context) error {
	link, remote, version, err := c.read(parent)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(parent)
	defer cancel()
	live := newLiveness()
	c.setLiveness(live)
	r := &run{
		Controller: c, link: link, remote: remote, liveness: live,
		services:  kube.Watch[kube.Service](ctx, remote, "/api/v1/services", link.Spec.Selector.query(), c.nudge),
		endpoints: kube.Watch[kube.Endpoints](ctx, remote, "/api/v1/endpoints", "", c.nudge),
		wantedAt:  map[string]time.Time{}, skipped: map[string]bool{},
	}
	log.Printf("serving link %s at %s, gateway %s:%s", c.linkName, remote.Server, link.Spec.GatewayAddress, link.Spec.GatewayPort)
	go live.follow(ctx, c.probeService, link.Spec.ProbeSpec, c.nudge)
	go c.holdLease(ctx)
	for ctx.Err() == nil {
		if err := r.reconcile(ctx); err != nil {
			log.Printf("link %s: %v", c.linkName, err)
		}
		select {
		case <-c.wake:
		case <-time.After(repairEvery):
		case <-ctx.Done():
		}
		now, _, nowVersion, err := c.read(ctx)
		if kube.IsNotFound(err) || err == nil && (nowVersion != version || !reflect.DeepEqual(now.Spec, link.Spec)) {
			log.Printf("link %s or its credentials changed", c.linkName)
			return nil
		}
		if err == nil {
			r.link.Status = now.Status
		}
	}
	return nil
}

func (c *Controller) read(ctx context.Context) (Link, *kube.Client, string, error) {
	var link Link
	if err := c.local.Get(ctx, LinksPath+"/"+c.linkName, &link); err != nil {
		return link, nil, "", err
	}
	remote, version, err := Remote(ctx, c.local, link.Spec.ClusterCredentialsSecret)
	return link, remote, version, err
}

// gatewayAddresses resolves names; a list is separated by commas.
func gatewayAddresses(ctx context.Context, list string) []kube.Address {
	var found []kube.Address
	for _, entry := range strings.Split(list, ",") {
		entry = strings.TrimSpace(entry)
		if net.ParseIP(entry) != nil {
			found = append(found, kube.Address{IP: entry})
			continue
		}
		resolved, err := net.DefaultResolver.LookupIP(ctx, "ip4", entry)
		if err != nil {
			log.Printf("gateway address %q: %v", entry, err)
		}
		for _, ip := range resolved {
			found = append(found, kube.Address{IP: ip.String()})
		}
	}
	return found
}
