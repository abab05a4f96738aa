// Package faults reads which misbehaviour is wanted: the ConfigMap linkerd-double in namespace linkerd.
package faults

import (
	"context"
	"log"
	"strconv"
	"sync/atomic"
	"time"

	"leafspan.test/kube"
)

const (
	path  = "/api/v1/namespaces/linkerd/configmaps/linkerd-double"
	every = time.Second

	injectorDelay  = 15 * time.Second
	endpointsDelay = 15 * time.Second
)

// Faults says what shall go wrong; its zero value is a healthy mesh.
type Faults struct {
	GatewayDead    bool
	MirrorMissing  bool
	InjectorDelay  time.Duration
	EndpointsDelay time.Duration
}

// Source holds the newest faults.
type Source struct{ current atomic.Pointer[Faults] }

// Follow polls until ctx ends. Without the ConfigMap all is healthy; while the API server is silent, nothing changes.
func Follow(ctx context.Context, client *kube.Client) *Source {
	source := &Source{}
	source.current.Store(&Faults{})
	go func() {
		for ctx.Err() == nil {
			var found kube.ConfigMap
			err := client.Get(ctx, path, &found)
			switch {
			case err == nil:
				next := parse(found.Data)
				if *source.current.Swap(&next) != next {
					log.Printf("faults: %+v", next)
				}
			case kube.IsNotFound(err):
				source.current.Store(&Faults{})
			}
			kube.Sleep(ctx, every)
		}
	}()
	return source
}

func (s *Source) Now() Faults { return *s.current.Load() }

func parse(data map[string]string) Faults {
	found := Faults{GatewayDead: data["gateway"] == "dead", MirrorMissing: data["mirror"] == "missing"}
	if data["injector"] == "late" {
		found.InjectorDelay = seconds(data["injector-delay"], injectorDelay)
	}
	if data["endpoints"] == "slow" {
		found.EndpointsDelay = seconds(data["endpoints-delay"], endpointsDelay)
	}
	return found
}

func seconds(text string, otherwise time.Duration) time.Duration {
	if number, err := strconv.Atoi(text); err == nil && number >= 0 {
		return time.Duration(number) * time.Second
	}
	return otherwise
}
