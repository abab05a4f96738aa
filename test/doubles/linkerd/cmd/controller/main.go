// Command controller is every program of the control plane; the first argument picks one.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"leafspan.test/kube"
	"leafspan.test/linkerd/internal/destination"
	"leafspan.test/linkerd/internal/faults"
	"leafspan.test/linkerd/internal/identity"
	"leafspan.test/linkerd/internal/injector"
	"leafspan.test/linkerd/internal/mesh"
	"leafspan.test/linkerd/internal/mirror"
	"leafspan.test/linkerd/internal/workload"
)

func main() {
	log.SetFlags(log.Ltime | log.Lmicroseconds)
	if len(os.Args) < 2 {
		log.Fatal("usage: controller identity|destination|injector|service-mirror|local-service-mirror")
	}
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	client, err := kube.InCluster()
	if err != nil {
		log.Fatal(err)
	}
	failed := make(chan error, 1)
	go func() { failed <- start(ctx, client, os.Args[1], os.Args[2:]) }()
	select {
	case <-ctx.Done():
	case err := <-failed:
		log.Fatal(err)
	}
}

func start(ctx context.Context, client *kube.Client, what string, arguments []string) error {
	switch what {
	case "identity":
		server, err := identity.NewServer(client)
		if err != nil {
			return err
		}
		go server.FollowIssuer(ctx)
		go admin(":9990", func() bool { return true }, nil)
		return server.Serve(":8080")
	case "destination":
		return serveDestination(ctx, client)
	case "injector":
		namespaces := kube.Watch[kube.Namespace](ctx, client, "/api/v1/namespaces", "", nil)
		webhook, err := injector.NewWebhook(namespaces, faults.Follow(ctx, client))
		if err != nil {
			return err
		}
		go admin(":9995", namespaces.Synced, nil)
		return webhook.Serve(":8443")
	case "service-mirror":
		return serveMirror(ctx, client, arguments)
	case "local-service-mirror":
		admin(":9999", func() bool { return true }, nil)
		return nil
	default:
		return fmt.Errorf("unknown command %q", what)
	}
}

func serveDestination(ctx context.Context, client *kube.Client) error {
	anchors, err := os.ReadFile(identity.AnchorsFile)
	if err != nil {
		return err
	}
	credentials, err := workload.New(mesh.DestinationServer, anchors)
	if err != nil {
		return err
	}
	go credentials.Keep(ctx)
	cluster := destination.Follow(ctx, client)
	go admin(":9996", func() bool { return cluster.Synced() && credentials.Ready() }, nil)
	return destination.Serve(":8086", cluster, credentials)
}

// serveMirror takes the Link's name last, and -probe-service=NAME before it.
func serveMirror(ctx context.Context, client *kube.Client, arguments []string) error {
	link, probe := "", ""
	for _, argument := range arguments {
		if value, ok := strings.CutPrefix(argument, "-probe-service="); ok {
			probe = value
		} else {
			link = argument
		}
	}
	if link == "" || probe == "" {
		return fmt.Errorf("usage: controller service-mirror -probe-service=NAME LINK")
	}
	controller := mirror.NewController(ctx, client, link, probe)
	go admin(":9999", func() bool { return true }, controller.WriteMetrics)
	controller.Run(ctx)
	return nil
}

// admin answers the kubelet, and whoever reads metrics.
func admin(address string, ready func() bool, metrics http.HandlerFunc) {
	routes := http.NewServeMux()
	routes.HandleFunc("/live", func(http.ResponseWriter, *http.Request) {})
	routes.HandleFunc("/ready", func(answer http.ResponseWriter, _ *http.Request) {
		if !ready() {
			http.Error(answer, "not ready", http.StatusServiceUnavailable)
		}
	})
	if metrics != nil {
		routes.HandleFunc("/metrics", metrics)
	}
	server := &http.Server{Addr: address, Handler: routes, ReadHeaderTimeout: 10 * time.Second}
	log.Fatal(server.ListenAndServe())
}
