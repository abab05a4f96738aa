package proxy

import (
	"context"
	"log"
	"net"
	"strconv"
	"sync"
	"time"

	"leafspan.test/kube"
	"leafspan.test/linkerd/internal/mesh"
	"leafspan.test/linkerd/internal/workload"
)

// Proxy is one pod's sidecar.
type Proxy struct {
	ctx         context.Context
	config      Config
	credentials *workload.Credentials
	discovery   *Discovery
	metrics     *Metrics
	mutex       sync.Mutex
	accepted    map[*net.TCPConn]struct{}
}

// Run blocks until stop ends and the open connections with it.
func Run(stop context.Context, config Config) error {
	credentials, err := workload.New(config.Identity(), []byte(config.Anchors))
	if err != nil {
		return err
	}
	// Connections outlive the signal to stop, so they hang on a context of their own.
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	p := &Proxy{ctx: ctx, config: config, credentials: credentials, metrics: NewMetrics(), accepted: map[*net.TCPConn]struct{}{}}
	p.discovery = NewDiscovery(config, credentials)
	go credentials.Keep(ctx)
	go func() {
		for !credentials.Ready() && ctx.Err() == nil {
			kube.Sleep(ctx, 50*time.Millisecond) // linkerd-destination wants a certificate
		}
		p.discovery.FollowPolicy(ctx)
	}()
	go p.serveAdmin()
	outbound, err := p.listen("127.0.0.1:"+strconv.Itoa(mesh.OutboundPort), p.outbound)
	if err != nil {
		return err
	}
	inbound, err := p.listen("0.0.0.0:"+strconv.Itoa(mesh.InboundPort), p.inbound)
	if err != nil {
		return err
	}
	if config.Gateway {
		go p.cutWhileDead()
	}
	<-stop.Done()
	outbound.Close()
	inbound.Close()
	p.drain()
	return nil
}

func (p *Proxy) listen(on string, handle func(*net.TCPConn)) (net.Listener, error) {
	listener, err := net.Listen("tcp4", on)
	if err != nil {
		return nil, err
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			tcp := conn.(*net.TCPConn)
			if p.dead() {
				reset(tcp)
				continue
			}
			p.hold(tcp)
			go func() {
				defer p.release(tcp)
				handle(tcp)
			}()
		}
	}()
	return listener, nil
}

func (p *Proxy) hold(conn *net.TCPConn) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.accepted[conn] = struct{}{}
}

func (p *Proxy) release(conn *net.TCPConn) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	delete(p.accepted, conn)
}

func (p *Proxy) held() []*net.TCPConn {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	all := make([]*net.TCPConn, 0, len(p.accepted))
	for conn := range p.accepted {
		all = append(all, conn)
	}
	return all
}

// drain waits for the connections to end, as the real one does: up to its own limit, and to the kubelet's.
func (p *Proxy) drain() {
	deadline := time.Now().Add(p.config.ShutdownGrace)
	for len(p.held()) > 0 && time.Now().Before(deadline) {
		time.Sleep(100 * time.Millisecond)
	}
	log.Print("drained")
}

// dead is the misbehaviour of a gateway that accepts nothing.
func (p *Proxy) dead() bool {
	policy := p.discovery.Policy()
	return p.config.Gateway && policy != nil && policy.GatewayDead
}

func (p *Proxy) cutWhileDead() {
	for p.ctx.Err() == nil {
		if p.dead() {
			for _, conn := range p.held() {
				reset(conn)
			}
		}
		time.Sleep(500 * time.Millisecond)
	}
}
