package proxy

import (
	"context"
	"crypto/tls"
	"log"
	"net"
	"strconv"
	"time"

	"leafspan.test/linkerd/internal/mesh"
	"leafspan.test/linkerd/internal/workload"
)

const tlsHandshakeRecord = 0x16

// inbound takes a connection to the pod. Other proxies dial the inbound port itself; to any other port it is plaintext
// of this mesh, whatever it looks like.
func (p *Proxy) inbound(accepted *net.TCPConn) {
	defer accepted.Close()
	wanted, err := originalDestination(accepted)
	if err != nil {
		return
	}
	if wanted.port == mesh.InboundPort {
		p.inboundTLS(accepted, wanted)
		return
	}
	server, allowed := authorize(p.discovery.Policy(), wanted.port, peerOf(accepted), "")
	if !allowed {
		log.Printf("inbound %s: %s denies plaintext from %s", wanted, server, accepted.RemoteAddr())
		reset(accepted)
		return
	}
	defer p.metrics.Opened(acceptLabels("inbound", wanted, noRemoteTLS, server))()
	client := peekable(accepted)
	if !mesh.HasPort(p.config.OpaquePorts, wanted.port) {
		if _, _, err := client.firstByte(detectFor); err != nil {
			return
		}
	}
	p.toApplication(client, wanted)
}

func (p *Proxy) inboundTLS(accepted *net.TCPConn, wanted address) {
	client := peekable(accepted)
	first, spoke, err := client.firstByte(detectFor)
	if err != nil || !spoke {
		return
	}
	if first != tlsHandshakeRecord {
		reset(accepted)
		return
	}
	secure := tls.Server(client, p.credentials.Server(workload.Protocol))
	ctx, cancel := context.WithTimeout(p.ctx, handshakeTimeout)
	defer cancel()
	if err := secure.HandshakeContext(ctx); err != nil {
		log.Printf("inbound TLS from %s: %v", accepted.RemoteAddr(), err)
		return
	}
	_ = secure.SetReadDeadline(time.Now().Add(handshakeTimeout))
	header, err := mesh.ReadHeader(secure)
	if err != nil {
		return
	}
	_ = secure.SetReadDeadline(time.Time{})
	names := secure.ConnectionState().PeerCertificates[0].DNSNames
	if len(names) == 0 {
		return
	}
	if p.config.Gateway {
		p.throughGateway(secure, accepted, wanted, names[0], header)
		return
	}
	if header.Port == 0 {
		log.Printf("inbound TLS from %s: meant for a gateway", names[0])
		return
	}
	wanted.port = header.Port
	server, allowed := authorize(p.discovery.Policy(), wanted.port, peerOf(accepted), names[0])
	if !allowed {
		log.Printf("inbound %s: %s denies %s", wanted, server, names[0])
		return
	}
	// The real proxy's label has no address of the pod here.
	anywhere := address{ip: "0.0.0.0", port: wanted.port}
	defer p.metrics.Opened(acceptLabels("inbound", anywhere, clientLabels(names[0]), server))()
	p.toApplication(secure, wanted)
}

// throughGateway sends what another cluster's pod says on to a pod of an exported Service.
func (p *Proxy) throughGateway(client *tls.Conn, accepted *net.TCPConn, wanted address, identity string, header mesh.Header) {
	server, allowed := authorize(p.discovery.Policy(), mesh.InboundPort, peerOf(accepted), identity)
	if !allowed || header.Authority == "" {
		log.Printf("gateway: %s may not reach %q", identity, header.Authority)
		return
	}
	anywhere := address{ip: "0.0.0.0", port: mesh.InboundPort}
	defer p.metrics.Opened(acceptLabels("inbound", anywhere, clientLabels(identity), server))()
	target, err := p.discovery.ByAuthority(p.ctx, header.Authority)
	if err != nil {
		log.Printf("gateway: %v", err)
		return
	}
	target.Verdict = mesh.Meshed // a gateway has no original destination to fall back on
	backend, done, err := p.dial(wanted, target)
	if err != nil {
		log.Printf("gateway to %s: %v", header.Authority, err)
		return
	}
	defer done()
	splice(client, backend)
}

func (p *Proxy) toApplication(client duplex, wanted address) {
	application, err := net.DialTimeout("tcp4", net.JoinHostPort(wanted.ip, strconv.Itoa(wanted.port)), connectTimeout)
	if err != nil {
		if plain, ok := client.(*peeked); ok {
			reset(plain.TCPConn)
		}
		return
	}
	splice(client, application.(*net.TCPConn))
}

func peerOf(conn *net.TCPConn) net.IP { return conn.RemoteAddr().(*net.TCPAddr).IP }
