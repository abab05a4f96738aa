package destination

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"leafspan.test/linkerd/internal/workload"
)

// Serve blocks. Whoever asks must be a workload of this mesh.
func Serve(address string, cluster *Cluster, credentials *workload.Credentials) error {
	routes := http.NewServeMux()
	routes.HandleFunc("GET /address", func(answer http.ResponseWriter, request *http.Request) {
		port, err := strconv.Atoi(request.URL.Query().Get("port"))
		if err != nil || !cluster.Synced() {
			http.Error(answer, "not ready, or no port", http.StatusServiceUnavailable)
			return
		}
		reply(answer, cluster.ByAddress(request.URL.Query().Get("ip"), port))
	})
	routes.HandleFunc("GET /authority", func(answer http.ResponseWriter, request *http.Request) {
		target, err := cluster.ByAuthority(request.URL.Query().Get("name"))
		if err != nil {
			http.Error(answer, err.Error(), http.StatusNotFound)
			return
		}
		reply(answer, target)
	})
	routes.HandleFunc("GET /policy", func(answer http.ResponseWriter, request *http.Request) {
		query := request.URL.Query()
		reply(answer, cluster.PolicyOf(query.Get("namespace"), query.Get("pod")))
	})
	server := &http.Server{Addr: address, Handler: routes, ReadHeaderTimeout: 10 * time.Second, TLSConfig: credentials.Server("http/1.1")}
	return server.ListenAndServeTLS("", "")
}

func reply(answer http.ResponseWriter, body any) {
	answer.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(answer).Encode(body)
}
