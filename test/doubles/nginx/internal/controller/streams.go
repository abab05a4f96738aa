package controller

import (
	"fmt"
	"slices"

	"leafspan.test/nginx/internal/conf"
	"leafspan.test/nginx/internal/resources"
)

// streams are the TransportServers that hold a listener, and what is to be said about each.
func (c *Controller) streams(listeners []resources.Listener) ([]conf.Stream, []verdict) {
	var streams []conf.Stream
	var verdicts []verdict
	holders := map[string]bool{}
	for _, server := range oldestFirst(c.cluster.transportServers.all()) {
		if !c.isOurs(server.Spec.IngressClassName) {
			continue
		}
		key := server.Metadata.Namespace + "/" + server.Metadata.Name
		say := func(state, reason, message string) {
			verdicts = append(verdicts, verdictOn("TransportServer", "transportservers", server, state, reason, message))
		}
		if err := server.Spec.Check(); err != nil {
			say("Invalid", rejected, fmt.Sprintf("TransportServer %s was rejected with error: %v", key, err))
			continue
		}
		at := slices.IndexFunc(listeners, func(listener resources.Listener) bool {
			return listener.Name == server.Spec.Listener.Name && listener.Protocol == server.Spec.Listener.Protocol
		})
		if at < 0 {
			say("Warning", rejected, fmt.Sprintf("Listener %s doesn't exist", server.Spec.Listener.Name))
			continue
		}
		if holders[listeners[at].Name] {
			say("Warning", rejected, fmt.Sprintf("Listener %s with host empty host is taken by another resource", listeners[at].Name))
			continue
		}
		holders[listeners[at].Name] = true
		streams = append(streams, c.stream(server, listeners[at]))
		say("Valid", addedOrUpdated, fmt.Sprintf("Configuration for %s was added or updated ", key))
	}
	return streams, verdicts
}

func (c *Controller) stream(server resources.TransportServer, listener resources.Listener) conf.Stream {
	spec := server.Spec
	name := func(upstream string) string {
		return fmt.Sprintf("ts_%s_%s_%s", server.Metadata.Namespace, server.Metadata.Name, upstream)
	}
	stream := conf.Stream{IPv4: listener.IPv4, IPv6: listener.IPv6, Port: listener.Port, UDP: listener.Protocol == "UDP",
		Pass: name(spec.Action.Pass), Timeout: "10m", ConnectTimeout: "60s"}
	if spec.SessionParameters != nil && spec.SessionParameters.Timeout != "" {
		stream.Timeout = spec.SessionParameters.Timeout
	}
	if spec.UpstreamParameters != nil && spec.UpstreamParameters.ConnectTimeout != "" {
		stream.ConnectTimeout = spec.UpstreamParameters.ConnectTimeout
	}
	for _, upstream := range spec.Upstreams {
		addresses := c.cluster.endpoints(server.Metadata.Namespace, upstream.Service, upstream.Port, "")
		if len(addresses) == 0 {
			addresses = []string{conf.NoBackend}
		}
		failTimeout := upstream.FailTimeout
		if failTimeout == "" {
			failTimeout = "10s"
		}
		options := fmt.Sprintf("max_fails=%d fail_timeout=%s max_conns=%d", number(upstream.MaxFails, 1), failTimeout, number(upstream.MaxConns, 0))
		method := upstream.LoadBalancingMethod
		switch method {
		case "round_robin":
			method = ""
		case "":
			method = "random two least_conn"
		}
		stream.Upstreams = append(stream.Upstreams, conf.Upstream{Name: name(upstream.Name), Method: method, Addresses: addresses, Options: options})
	}
	return stream
}

func number(given *int, otherwise int) int {
	if given == nil {
		return otherwise
	}
	return *given
}
