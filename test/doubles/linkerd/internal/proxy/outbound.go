package proxy

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"math/rand/v2"
	"net"
	"time"

	"leafspan.test/linkerd/internal/mesh"
)

const (
	connectTimeout   = time.Second
	plainTimeout     = 10 * time.Second
	handshakeTimeout = 10 * time.Second
)

// outbound takes a connection that a container of the pod opens.
func (p *Proxy) outbound(accepted *net.TCPConn) {
	defer accepted.Close()
	wanted, err := originalDestination(accepted)
	if err != nil || wanted.port == mesh.OutboundPort && wanted.ip == "127.0.0.1" {
		return // nobody was redirected here
	}
	defer p.metrics.Opened(acceptLabels("outbound", wanted, loopback, ""))()
	target, err := p.discovery.ByAddress(p.ctx, wanted)
	if err != nil {
		log.Printf("outbound %s: %v", wanted, err)
		reset(accepted)
		return
	}
	if target.Verdict == mesh.Refuse {
		log.Printf("outbound %s: the Service has no such port", wanted)
		reset(accepted)
		return
	}
	client := peekable(accepted)
	if !target.Opaque {
		// The real proxy cannot tell a protocol before the client speaks, and decides after a while without knowing.
		if _, _, err := client.firstByte(detectFor); err != nil {
			return
		}
	}
	server, done, err := p.dial(wanted, target)
	if err != nil {
		log.Printf("outbound %s: %v", wanted, err)
		reset(accepted)
		return
	}
	defer done()
	splice(client, server)
}

// dial opens the other half. It never falls back to plaintext where the mesh says TLS.
func (p *Proxy) dial(wanted address, target mesh.Target) (duplex, func(), error) {
	if target.Verdict == mesh.Plain {
		endpoint := mesh.Endpoint{Address: wanted.String()}
		conn, err := net.DialTimeout("tcp4", endpoint.Address, plainTimeout)
		if err != nil {
			return nil, nil, err
		}
		return conn.(*net.TCPConn), p.metrics.Opened(dialLabels(wanted.String(), endpoint)), nil
	}
	failures := []error{errors.New("no endpoint answers")}
	for _, index := range rand.Perm(len(target.Endpoints)) {
		endpoint := target.Endpoints[index]
		conn, err := p.dialEndpoint(endpoint)
		if err == nil {
			return conn, p.metrics.Opened(dialLabels(target.Authority, endpoint)), nil
		}
		failures = append(failures, fmt.Errorf("%s: %w", endpoint.Address, err))
	}
	return nil, nil, errors.Join(failures...)
}

func (p *Proxy) dialEndpoint(endpoint mesh.Endpoint) (duplex, error) {
	raw, err := net.DialTimeout("tcp4", endpoint.Address, connectTimeout)
	if err != nil {
		return nil, err
	}
	if endpoint.Identity == "" {
		return raw.(*net.TCPConn), nil
	}
	secure := tls.Client(raw, p.credentials.Client(endpoint.Identity))
	ctx, cancel := context.WithTimeout(p.ctx, handshakeTimeout)
	defer cancel()
	if err := secure.HandshakeContext(ctx); err != nil {
		raw.Close()
		return nil, err
	}
	if err := mesh.WriteHeader(secure, endpoint.Header); err != nil {
		raw.Close()
		return nil, err
	}
	return secure, nil
}
