package injector

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	"leafspan.test/kube"
	"leafspan.test/linkerd/internal/faults"
)

const (
	tlsFolder   = "/var/run/linkerd/tls"
	anchorsFile = "/var/run/linkerd/identity/trust-roots/ca-bundle.crt"
)

// Webhook answers the API server.
type Webhook struct {
	anchors    string
	namespaces *kube.Store[kube.Namespace]
	faults     *faults.Source
}

// NewWebhook reads the anchors once: others need a restart, as with the real one.
func NewWebhook(namespaces *kube.Store[kube.Namespace], faults *faults.Source) (*Webhook, error) {
	anchors, err := os.ReadFile(anchorsFile)
	return &Webhook{anchors: string(anchors), namespaces: namespaces, faults: faults}, err
}

// Serve blocks.
func (w *Webhook) Serve(address string) error {
	routes := http.NewServeMux()
	routes.HandleFunc("POST /", w.review)
	server := &http.Server{Addr: address, Handler: routes, ReadHeaderTimeout: 10 * time.Second}
	return server.ListenAndServeTLS(tlsFolder+"/tls.crt", tlsFolder+"/tls.key")
}

type review struct {
	APIVersion string    `json:"apiVersion"`
	Kind       string    `json:"kind"`
	Request    *request  `json:"request,omitempty"`
	Response   *response `json:"response,omitempty"`
}

type request struct {
	UID       string          `json:"uid"`
	Namespace string          `json:"namespace"`
	Object    json.RawMessage `json:"object"`
}

type response struct {
	UID       string `json:"uid"`
	Allowed   bool   `json:"allowed"`
	PatchType string `json:"patchType,omitempty"`
	Patch     []byte `json:"patch,omitempty"`
}

func (w *Webhook) review(answer http.ResponseWriter, asked *http.Request) {
	var body review
	if err := json.NewDecoder(http.MaxBytesReader(answer, asked.Body, 8<<20)).Decode(&body); err != nil || body.Request == nil {
		http.Error(answer, "no AdmissionReview", http.StatusBadRequest)
		return
	}
	if delay := w.faults.Now().InjectorDelay; delay > 0 {
		log.Printf("answering %s late", delay)
		kube.Sleep(asked.Context(), delay)
	}
	judged, err := w.judge(*body.Request)
	if err != nil {
		http.Error(answer, err.Error(), http.StatusBadRequest)
		return
	}
	answer.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(answer).Encode(review{APIVersion: body.APIVersion, Kind: body.Kind, Response: judged})
}

func (w *Webhook) judge(asked request) (*response, error) {
	var pod kube.Pod
	var raw object
	if err := json.Unmarshal(asked.Object, &pod); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(asked.Object, &raw); err != nil {
		return nil, err
	}
	namespace, _ := w.namespaces.Get(kube.Key("", asked.Namespace))
	allowed := &response{UID: asked.UID, Allowed: true}
	if !wanted(pod, namespace) {
		return allowed, nil
	}
	patch, err := json.Marshal(patchFor(pod, namespace, raw, w.anchors))
	if err != nil {
		return nil, err
	}
	name := pod.Metadata.Name
	if name == "" {
		name = fmt.Sprint(raw["metadata"].(object)["generateName"])
	}
	log.Printf("injecting %s/%s", asked.Namespace, name)
	allowed.PatchType, allowed.Patch = "JSONPatch", patch
	return allowed, nil
}
