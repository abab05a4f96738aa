package resources

import (
	"errors"
	"fmt"
	"regexp"
)

var (
	span   = regexp.MustCompile(`^(\d+(ms|[smhdwMy])?\s*)+$`)
	method = regexp.MustCompile(`^(round_robin|least_conn|random( two( least_conn)?)?|hash \S+( consistent)?)$`)
)

// Check is the real controller's validation, as far as the double renders what it lets through.
func (s TransportServerSpec) Check() error {
	var errs error
	fail := func(format string, values ...any) { errs = errors.Join(errs, fmt.Errorf("spec."+format, values...)) }
	if s.Listener.Name == passthrough || s.Listener.Protocol == "TLS_PASSTHROUGH" {
		fail("listener: Forbidden: TLS Passthrough is not enabled")
	} else {
		if !label.MatchString(s.Listener.Name) {
			fail("listener.name: Invalid value: %q: must be a DNS-1035 label", s.Listener.Name)
		}
		if !knownProtocol(s.Listener.Protocol) {
			fail("listener.protocol: Invalid value: %q: must specify a valid protocol. Accepted values: HTTP,TCP,UDP", s.Listener.Protocol)
		}
	}
	if s.Host != "" || s.TLS != nil {
		fail("tls: Forbidden: the double does not end TLS")
	}
	if s.ServerSnippets != "" || s.StreamSnippets != "" {
		fail("snippets: Forbidden: snippet specified but snippets feature is not enabled")
	}
	names := map[string]bool{}
	for index, upstream := range s.Upstreams {
		upstream.check(func(format string, values ...any) { fail(fmt.Sprintf("upstreams[%d].", index)+format, values...) })
		if names[upstream.Name] {
			fail("upstreams[%d].name: Duplicate value: %q", index, upstream.Name)
		}
		names[upstream.Name] = true
	}
	if s.SessionParameters != nil && !isSpan(s.SessionParameters.Timeout) {
		fail("sessionParameters.timeout: Invalid value: %q: must be a time", s.SessionParameters.Timeout)
	}
	if p := s.UpstreamParameters; p != nil && (!isSpan(p.ConnectTimeout) || !isSpan(p.NextUpstreamTimeout)) {
		fail("upstreamParameters: Invalid value: must be times")
	}
	if p := s.UpstreamParameters; p != nil && (p.UDPRequests != nil || p.UDPResponses != nil) && s.Listener.Protocol != "UDP" {
		fail("upstreamParameters.udpRequests: Forbidden: is not allowed for non-UDP TransportServers")
	}
	switch {
	case s.Action == nil:
		fail("action: Required value: must specify action")
	case s.Action.Pass == "":
		fail("action.pass: Required value: must specify pass")
	case !names[s.Action.Pass]:
		fail("action.pass: Not found: %q", s.Action.Pass)
	}
	return errs
}

func (u Upstream) check(fail func(string, ...any)) {
	if !label.MatchString(u.Name) {
		fail("name: Invalid value: %q: must be a DNS-1035 label", u.Name)
	}
	if !label.MatchString(u.Service) {
		fail("service: Invalid value: %q: must be a DNS-1035 label", u.Service)
	}
	if u.Port < 1 || u.Port > 65535 {
		fail("port: Invalid value: %d: must be between 1 and 65535, inclusive", u.Port)
	}
	if negative(u.MaxFails) || negative(u.MaxConns) {
		fail("maxFails: Invalid value: must be positive or zero")
	}
	if !isSpan(u.FailTimeout) {
		fail("failTimeout: Invalid value: %q: must be a time", u.FailTimeout)
	}
	if u.LoadBalancingMethod != "" && !method.MatchString(u.LoadBalancingMethod) {
		fail("loadBalancingMethod: Invalid value: %q: load balancing method is not valid", u.LoadBalancingMethod)
	}
	if u.Backup != "" || (u.HealthCheck != nil && u.HealthCheck.Enable) {
		fail("backup: Forbidden: the double has neither backups nor health checks")
	}
}

func isSpan(text string) bool { return text == "" || span.MatchString(text) }

func negative(number *int) bool { return number != nil && *number < 0 }
