package proxy

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"leafspan.test/kube"
	"leafspan.test/linkerd/internal/mesh"
	"leafspan.test/linkerd/internal/workload"
)

const (
	lookupTimeout = 3 * time.Second
	policyEvery   = time.Second
	// refusalLasts is how long a refused address must be left in peace before it is asked about again. The real proxy
	// keeps its answer as long as somebody knocks: a gateway probe on a wrong port stays refused until a restart.
	refusalLasts = 5 * time.Second
)

// Discovery asks linkerd-destination.
type Discovery struct {
	config   Config
	client   *http.Client
	policy   atomic.Pointer[mesh.Policy]
	mutex    sync.Mutex
	refusals map[address]time.Time
}

func NewDiscovery(config Config, credentials *workload.Credentials) *Discovery {
	secure := credentials.Client(mesh.DestinationServer)
	secure.NextProtos = nil
	transport := &http.Transport{TLSClientConfig: secure, MaxIdleConnsPerHost: 4, IdleConnTimeout: 30 * time.Second}
	return &Discovery{config: config, client: &http.Client{Transport: transport, Timeout: lookupTimeout}, refusals: map[address]time.Time{}}
}

// ByAddress asks where a connection of this pod shall go.
func (d *Discovery) ByAddress(ctx context.Context, wanted address) (mesh.Target, error) {
	if d.stillRefused(wanted) {
		return mesh.Target{Verdict: mesh.Refuse}, nil
	}
	var target mesh.Target
	err := d.ask(ctx, "/address", url.Values{"ip": {wanted.ip}, "port": {strconv.Itoa(wanted.port)}}, &target)
	if err == nil && target.Verdict == mesh.Refuse {
		d.mutex.Lock()
		d.refusals[wanted] = time.Now()
		d.mutex.Unlock()
	}
	return target, err
}

func (d *Discovery) stillRefused(wanted address) bool {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	last, ok := d.refusals[wanted]
	if !ok || time.Since(last) > refusalLasts {
		delete(d.refusals, wanted)
		return false
	}
	d.refusals[wanted] = time.Now()
	return true
}

// ByAuthority asks for the pods of an exported Service.
func (d *Discovery) ByAuthority(ctx context.Context, authority string) (mesh.Target, error) {
	var target mesh.Target
	return target, d.ask(ctx, "/authority", url.Values{"name": {authority}}, &target)
}

// Policy is the newest known, nil before the first answer.
func (d *Discovery) Policy() *mesh.Policy { return d.policy.Load() }

// FollowPolicy keeps the last known policy while linkerd-destination is away.
func (d *Discovery) FollowPolicy(ctx context.Context) {
	failing := false
	for ctx.Err() == nil {
		var policy mesh.Policy
		err := d.ask(ctx, "/policy", url.Values{"namespace": {d.config.Namespace}, "pod": {d.config.Pod}}, &policy)
		if err == nil {
			d.policy.Store(&policy)
		} else if !failing {
			log.Printf("policy: %v", err)
		}
		failing = err != nil
		kube.Sleep(ctx, policyEvery)
	}
}

func (d *Discovery) ask(ctx context.Context, path string, query url.Values, out any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+mesh.DestinationAddress+path+"?"+query.Encode(), nil)
	if err != nil {
		return err
	}
	response, err := d.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(response.Body, 1024))
		return fmt.Errorf("linkerd-destination: %s", strings.TrimSpace(string(text)))
	}
	return json.NewDecoder(response.Body).Decode(out)
}
