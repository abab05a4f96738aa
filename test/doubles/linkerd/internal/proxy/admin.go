package proxy

import (
	"log"
	"net/http"
	"strconv"
	"time"

	"leafspan.test/linkerd/internal/mesh"
)

// serveAdmin answers the kubelet, the gateway probe of other clusters and whoever reads metrics. It is plain HTTP.
func (p *Proxy) serveAdmin() {
	routes := http.NewServeMux()
	routes.HandleFunc("/live", func(answer http.ResponseWriter, _ *http.Request) { write(answer, "live\n") })
	routes.HandleFunc("/ready", func(answer http.ResponseWriter, _ *http.Request) {
		if !p.credentials.Ready() || p.discovery.Policy() == nil || p.dead() {
			http.Error(answer, "not ready", http.StatusServiceUnavailable)
			return
		}
		write(answer, "ready\n")
	})
	routes.HandleFunc("/metrics", func(answer http.ResponseWriter, _ *http.Request) {
		answer.Header().Set("Content-Type", "text/plain; version=0.0.4")
		p.metrics.Write(answer)
	})
	server := &http.Server{Addr: ":" + strconv.Itoa(mesh.AdminPort), Handler: routes, ReadHeaderTimeout: 10 * time.Second}
	log.Fatal(server.ListenAndServe())
}

func write(answer http.ResponseWriter, text string) { _, _ = answer.Write([]byte(text)) }
