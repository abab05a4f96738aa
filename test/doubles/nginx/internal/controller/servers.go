package controller

import (
	"fmt"
	"slices"
	"strings"

	"leafspan.test/nginx/internal/conf"
	"leafspan.test/nginx/internal/engine"
	"leafspan.test/nginx/internal/resources"
)

// servers are the hosts of the Ingresses; the oldest Ingress holds a host that two of them name.
func (c *Controller) servers(defaultTLS string) ([]conf.Server, []verdict) {
	var servers []conf.Server
	var verdicts []verdict
	holders := map[string]bool{}
	for _, ingress := range oldestFirst(c.cluster.ingresses.all()) {
		if classOf(ingress) != c.settings.IngressClass {
			continue
		}
		key := ingress.Metadata.Namespace + "/" + ingress.Metadata.Name
		// An Ingress has no such status: it is told by events only.
		say := func(reason, message string) {
			verdicts = append(verdicts, verdictOn("Ingress", "", ingress, "", reason, message))
		}
		if err := resources.CheckIngress(ingress, c.settings.EmptyHosts); err != nil {
			say(rejected, fmt.Sprintf("%s was rejected: with error(s): %v", key, err))
			continue
		}
		policies, warnings := c.policiesOf(ingress)
		for _, rule := range ingress.Spec.Rules {
			if holders[rule.Host] {
				warnings = append(warnings, fmt.Sprintf("host %s is taken by another resource", rule.Host))
				continue
			}
			holders[rule.Host] = true
			server := conf.Server{Host: rule.Host, TLS: c.certificateOf(ingress, rule.Host, defaultTLS)}
			server.Allow, server.Deny, server.Return = policies.Allow, policies.Deny, policies.refuse
			if rule.HTTP != nil {
				for _, path := range rule.HTTP.Paths {
					location, upstream := c.location(ingress, path.Path, path.PathType, path.Backend)
					server.Locations = append(server.Locations, location)
					if upstream.Name != "" && !slices.ContainsFunc(server.Upstreams, func(u conf.Upstream) bool { return u.Name == upstream.Name }) {
						server.Upstreams = append(server.Upstreams, upstream)
					}
				}
			}
			servers = append(servers, server)
		}
		if len(warnings) > 0 {
			say("AddedOrUpdatedWithWarning", fmt.Sprintf("Configuration for %s was added or updated with warning(s): %s", key, strings.Join(warnings, "; ")))
		} else {
			say(addedOrUpdated, fmt.Sprintf("Configuration for %s was added or updated ", key))
		}
	}
	return servers, verdicts
}

func (c *Controller) location(ingress resources.Ingress, path, kind string, backend resources.Backend) (conf.Location, conf.Upstream) {
	service := backend.Service
	if kind == "Exact" {
		path = "= " + path
	}
	addresses := c.cluster.endpoints(ingress.Metadata.Namespace, service.Name, service.Port.Number, service.Port.Name)
	if len(addresses) == 0 {
		return conf.Location{Path: path}, conf.Upstream{}
	}
	name := fmt.Sprintf("%s-%s-%s-%s%d", ingress.Metadata.Namespace, ingress.Metadata.Name, service.Name, service.Port.Name, service.Port.Number)
	scheme := "http"
	if slices.Contains(listed(ingress.Metadata.Annotations[resources.SSLServices]), service.Name) {
		scheme = "https"
	}
	upstream := conf.Upstream{Name: name, Method: "random two least_conn", Addresses: addresses, Options: "max_fails=1 fail_timeout=10s max_conns=0"}
	return conf.Location{Path: path, Pass: scheme + "://" + name}, upstream
}

// certificateOf is nothing for a host without TLS, and "reject" for one whose Secret is not there.
func (c *Controller) certificateOf(ingress resources.Ingress, host, defaultTLS string) string {
	if host == "" {
		if defaultTLS == "" {
			return "reject"
		}
		return defaultTLS
	}
	for _, entry := range ingress.Spec.TLS {
		if !slices.Contains(entry.Hosts, host) {
			continue
		}
		secret, ok := c.cluster.secrets.get(ingress.Metadata.Namespace, entry.SecretName)
		if !ok {
			return "reject"
		}
		file, err := engine.WriteSecret(ingress.Metadata.Namespace+"-"+entry.SecretName, secret.Data["tls.crt"], secret.Data["tls.key"])
		if err != nil {
			return "reject"
		}
		return file
	}
	return ""
}

// applied are an Ingress's policies together; a server with one that is missing or invalid answers 500.
type applied struct {
	resources.AccessControl
	refuse int
}

func (c *Controller) policiesOf(ingress resources.Ingress) (applied, []string) {
	var all applied
	var warnings []string
	for _, name := range listed(ingress.Metadata.Annotations[resources.Policies]) {
		namespace := ingress.Metadata.Namespace
		if before, after, ok := strings.Cut(name, "/"); ok {
			namespace, name = before, after
		}
		policy, ok := c.cluster.policies.get(namespace, name)
		switch {
		case !ok:
			warnings = append(warnings, fmt.Sprintf("policy %s/%s doesn't exist", namespace, name))
		case resources.CheckPolicy(policy) != nil:
			warnings = append(warnings, fmt.Sprintf("policy %s/%s is invalid", namespace, name))
		default:
			all.Allow = append(all.Allow, policy.Spec.AccessControl.Allow...)
			all.Deny = append(all.Deny, policy.Spec.AccessControl.Deny...)
		}
	}
	if len(warnings) > 0 {
		all.refuse = 500
	}
	return all, warnings
}

func classOf(ingress resources.Ingress) string {
	if ingress.Spec.IngressClassName != "" {
		return ingress.Spec.IngressClassName
	}
	return ingress.Metadata.Annotations["kubernetes.io/ingress.class"]
}

func listed(annotation string) []string {
	return strings.FieldsFunc(annotation, func(r rune) bool { return r == ',' || r == ' ' })
}
