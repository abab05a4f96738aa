package proxy

import (
	"net"
	"strings"

	"leafspan.test/linkerd/internal/mesh"
)

// authorize judges an inbound connection to a port. client is empty without TLS. server names the Server that guards the port.
func authorize(policy *mesh.Policy, port int, peer net.IP, client string) (server string, allowed bool) {
	if policy == nil {
		return "", true
	}
	guarded := false
	for _, guard := range policy.Servers {
		if guard.Port != port {
			continue
		}
		guarded, server = true, guard.Server
		if accessAllows(guard.Access, client) {
			return server, true
		}
		for _, authorization := range guard.Authorizations {
			if meets(authorization, peer, client) {
				return server, true
			}
		}
	}
	return server, !guarded
}

func accessAllows(access, client string) bool {
	switch access {
	case "all-unauthenticated", "cluster-unauthenticated":
		return true
	case "all-authenticated", "cluster-authenticated":
		return client != ""
	default:
		return false
	}
}

func meets(authorization mesh.Authorization, peer net.IP, client string) bool {
	for _, networks := range authorization.Networks {
		if !contains(networks, peer) {
			return false
		}
	}
	for _, identities := range authorization.Identities {
		if !names(identities, client) {
			return false
		}
	}
	return true
}

func contains(networks []mesh.Network, peer net.IP) bool {
	for _, network := range networks {
		if !within(network.CIDR, peer) {
			continue
		}
		excepted := false
		for _, except := range network.Except {
			excepted = excepted || within(except, peer)
		}
		if !excepted {
			return true
		}
	}
	return false
}

// within takes a CIDR or a bare address.
func within(cidr string, peer net.IP) bool {
	if ip := net.ParseIP(cidr); ip != nil {
		return ip.Equal(peer)
	}
	_, network, err := net.ParseCIDR(cidr)
	return err == nil && network.Contains(peer)
}

func names(identities []string, client string) bool {
	for _, identity := range identities {
		suffix, isPattern := strings.CutPrefix(identity, "*")
		if client != "" && (identity == client || isPattern && strings.HasSuffix(client, suffix)) {
			return true
		}
	}
	return false
}
