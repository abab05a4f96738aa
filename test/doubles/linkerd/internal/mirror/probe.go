package mirror

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"sync"
	"time"

	"leafspan.test/kube"
)

// Liveness is what the gateway's probe has found.
type Liveness struct {
	mutex   sync.Mutex
	probed  bool
	alive   bool
	latency time.Duration
	// usable starts as true and follows alive with the probe's patience: mirrors hang on it.
	usable bool
}

func newLiveness() *Liveness { return &Liveness{usable: true} }

// Usable is false after as many failures in a row as the Link allows.
func (l *Liveness) Usable() bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.usable
}

// Report is what `linkerd multicluster gateways` shows.
func (l *Liveness) Report() (probed, alive bool, latency time.Duration) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.probed, l.alive, l.latency
}

// follow probes through Service probe-<link>. A port that this Service does not declare is refused by the sidecar.
func (l *Liveness) follow(ctx context.Context, service string, spec ProbeSpec, changed func()) {
	url := fmt.Sprintf("http://%s:%s%s", service, spec.Port, spec.Path)
	client := &http.Client{Timeout: spec.timeout(), Transport: &http.Transport{DisableKeepAlives: true}}
	failures := 0
	for ctx.Err() == nil {
		started := time.Now()
		err := probe(ctx, client, url)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			failures++
			log.Printf("gateway probe: %v", err)
		} else {
			failures = 0
		}
		if l.record(err == nil, failures < spec.threshold(), time.Since(started)) {
			changed()
		}
		kube.Sleep(ctx, spec.period())
	}
}

func (l *Liveness) record(alive, usable bool, latency time.Duration) (changed bool) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	changed = usable != l.usable
	l.probed, l.alive, l.usable, l.latency = true, alive, usable, latency
	if changed {
		log.Printf("gateway usable: %v", usable)
	}
	return changed
}

func probe(ctx context.Context, client *http.Client, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", url, response.Status)
	}
	return nil
}
