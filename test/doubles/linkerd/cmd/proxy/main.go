// Command proxy is the sidecar, and the init container before it.
package main

import (
	"context"
	"log"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"leafspan.test/linkerd/internal/mesh"
	"leafspan.test/linkerd/internal/netfilter"
	"leafspan.test/linkerd/internal/proxy"
)

func main() {
	log.SetFlags(log.Ltime | log.Lmicroseconds)
	if len(os.Args) < 2 {
		log.Fatal("usage: proxy init PORTS|run|pause")
	}
	if err := start(os.Args[1], strings.Join(os.Args[2:], ",")); err != nil {
		log.Fatal(err)
	}
}

func start(what, skipped string) error {
	switch what {
	case "init":
		return netfilter.Install(netfilter.Rules{
			Inbound: mesh.InboundPort, Outbound: mesh.OutboundPort, ProxyUser: mesh.ProxyUser,
			InboundSkips: append(mesh.PortsIn(skipped), mesh.ControlPort, mesh.AdminPort),
		})
	case "run":
		config, err := proxy.FromEnvironment()
		if err != nil {
			return err
		}
		stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
		defer cancel()
		return proxy.Run(stop, config)
	case "pause":
		// A gateway pod needs a container beside its sidecar.
		stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
		defer cancel()
		<-stop.Done()
		return nil
	default:
		log.Fatalf("unknown command %q", what)
		return nil
	}
}
