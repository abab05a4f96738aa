package resources

import (
	"errors"
	"fmt"
	"strings"
)

const (
	SSLServices = "nginx.org/ssl-services"
	Policies    = "nginx.org/policies"
)

// CheckIngress is the real one's validation of the spec; annotations that the double does not know are refused by name.
func CheckIngress(ingress Ingress, emptyHosts bool) error {
	var errs error
	fail := func(format string, values ...any) { errs = errors.Join(errs, fmt.Errorf(format, values...)) }
	for name := range ingress.Metadata.Annotations {
		if strings.HasPrefix(name, "nginx.org/") && name != SSLServices && name != Policies {
			fail("annotations.%s: Forbidden: the double does not know it", name)
		}
	}
	if ingress.Spec.DefaultBackend != nil {
		fail("spec.defaultBackend: Forbidden: the double has none")
	}
	if len(ingress.Spec.Rules) == 0 {
		fail("spec.rules: Required value")
	}
	hosts := map[string]bool{}
	for index, rule := range ingress.Spec.Rules {
		if rule.Host == "" && !emptyHosts {
			fail("spec.rules[%d].host: Required value", index)
		}
		if hosts[rule.Host] {
			fail("spec.rules[%d].host: Duplicate value: %q", index, rule.Host)
		}
		hosts[rule.Host] = true
		if rule.HTTP == nil {
			continue
		}
		for at, path := range rule.HTTP.Paths {
			if !strings.HasPrefix(path.Path, "/") || strings.ContainsAny(path.Path, " \t\n;{}") {
				fail("spec.rules[%d].http.paths[%d].path: Invalid value: %q", index, at, path.Path)
			}
			if path.Backend.Service == nil {
				fail("spec.rules[%d].http.paths[%d].backend.service: Required value: service backend must be specified", index, at)
			}
		}
	}
	for _, entry := range ingress.Spec.TLS {
		for _, host := range entry.Hosts {
			if host == "" {
				fail("spec.tls.hosts: Forbidden: empty host is not allowed in tls.hosts")
			}
		}
	}
	return errs
}
