// Package proxy is the sidecar: it takes all TCP of its pod and carries it inside mutual TLS where the mesh reaches.
package proxy

import (
	"fmt"
	"os"
	"time"

	"leafspan.test/linkerd/internal/mesh"
)

// Names of the environment that the injector sets.
const (
	EnvPod           = "LINKERD_DOUBLE_POD"
	EnvNamespace     = "LINKERD_DOUBLE_NAMESPACE"
	EnvAccount       = "LINKERD_DOUBLE_SERVICE_ACCOUNT"
	EnvGateway       = "LINKERD_DOUBLE_GATEWAY"
	EnvOpaquePorts   = "LINKERD2_PROXY_INBOUND_PORTS_DISABLE_PROTOCOL_DETECTION"
	EnvAnchors       = "LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS"
	EnvShutdownGrace = "LINKERD2_PROXY_SHUTDOWN_GRACE_PERIOD"
)

// As in the real one.
const defaultShutdownGrace = 2 * time.Minute

// Config is fixed for a pod's life: new anchors need a new pod.
type Config struct {
	Pod, Namespace, Account string
	Gateway                 bool
	OpaquePorts             string
	Anchors                 string
	// ShutdownGrace is how long connections may go on after the signal to stop.
	ShutdownGrace time.Duration
}

func FromEnvironment() (Config, error) {
	config := Config{
		Pod: os.Getenv(EnvPod), Namespace: os.Getenv(EnvNamespace), Account: os.Getenv(EnvAccount),
		Gateway: os.Getenv(EnvGateway) == "true", OpaquePorts: os.Getenv(EnvOpaquePorts), Anchors: os.Getenv(EnvAnchors),
	}
	if config.Pod == "" || config.Namespace == "" || config.Account == "" || config.Anchors == "" {
		return config, fmt.Errorf("%s, %s, %s and %s must be set", EnvPod, EnvNamespace, EnvAccount, EnvAnchors)
	}
	config.ShutdownGrace = defaultShutdownGrace
	if grace := os.Getenv(EnvShutdownGrace); grace != "" {
		var err error
		if config.ShutdownGrace, err = time.ParseDuration(grace); err != nil {
			return config, fmt.Errorf("%s: %w", EnvShutdownGrace, err)
		}
	}
	return config, nil
}

// Identity is what the pod proves to others.
func (c Config) Identity() string { return mesh.Identity(c.Account, c.Namespace) }
