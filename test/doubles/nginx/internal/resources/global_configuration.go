package resources

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
)

const passthrough = "tls-passthrough"

var label = regexp.MustCompile(`^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$`)

// Valid are the listeners that hold; the error tells why the others do not.
func (s GlobalConfigurationSpec) Valid(reserved map[int]bool) ([]Listener, error) {
	names := map[string]bool{}
	taken := map[string]bool{}
	var valid []Listener
	var errs error
	for index, listener := range s.Listeners {
		path := fmt.Sprintf("spec.listeners[%d]", index)
		err := listener.check(path, reserved)
		if err == nil && names[listener.Name] {
			err = fmt.Errorf("%s.name: Duplicate value: %q", path, listener.Name)
		}
		if err == nil {
			names[listener.Name] = true
			err = listener.take(taken)
		}
		if err != nil {
			errs = errors.Join(errs, err)
			continue
		}
		valid = append(valid, listener)
	}
	return valid, errs
}

func (l Listener) check(path string, reserved map[int]bool) error {
	switch {
	case l.Name == passthrough:
		return fmt.Errorf("%s.name: Forbidden: is the name of a built-in listener", path)
	case !label.MatchString(l.Name):
		return fmt.Errorf("%s.name: Invalid value: %q: must be a DNS-1035 label", path, l.Name)
	case reserved[l.Port]:
		return fmt.Errorf("%s.port: Forbidden: Listener %s: port %d is forbidden", path, l.Name, l.Port)
	case l.Port < 1 || l.Port > 65535:
		return fmt.Errorf("%s.port: Invalid value: %d: must be between 1 and 65535, inclusive", path, l.Port)
	case !knownProtocol(l.Protocol):
		return fmt.Errorf("%s.protocol: Invalid value: %q: must specify a valid protocol. Accepted values: HTTP,TCP,UDP", path, l.Protocol)
	}
	if address, err := netip.ParseAddr(l.IPv4); l.IPv4 != "" && (err != nil || !address.Is4()) {
		return fmt.Errorf("%s.ipv4: Invalid value: %q: must be a valid IPv4 address", path, l.IPv4)
	}
	if address, err := netip.ParseAddr(l.IPv6); l.IPv6 != "" && (err != nil || address.Is4()) {
		return fmt.Errorf("%s.ipv6: Invalid value: %q: must be a valid IPv6 address", path, l.IPv6)
	}
	return nil
}

// take marks the port of both families: HTTP and TCP exclude each other, UDP stands beside them.
func (l Listener) take(taken map[string]bool) error {
	kind := "stream"
	if l.Protocol == "UDP" {
		kind = "datagram"
	}
	for _, ip := range []string{or(l.IPv4, "0.0.0.0"), or(l.IPv6, "::")} {
		key := fmt.Sprintf("%s:%d %s", ip, l.Port, kind)
		if taken[key] {
			return fmt.Errorf("spec.listeners.protocol: Invalid value: %q: Listener %s: Duplicated ip:port protocol combination %s:%d %s", l.Protocol, l.Name, ip, l.Port, l.Protocol)
		}
		taken[key] = true
	}
	return nil
}

func knownProtocol(protocol string) bool {
	return protocol == "TCP" || protocol == "UDP" || protocol == "HTTP"
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
