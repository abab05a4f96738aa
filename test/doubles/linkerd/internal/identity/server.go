package identity

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"leafspan.test/kube"
	"leafspan.test/linkerd/internal/mesh"
	"leafspan.test/linkerd/internal/workload"
)

const (
	// IssuerFolder and AnchorsFile are where the Deployment mounts them.
	IssuerFolder = "/var/run/linkerd/identity/issuer"
	AnchorsFile  = "/var/run/linkerd/identity/trust-roots/ca-bundle.crt"

	lookForNewIssuer = time.Second
)

type held struct {
	issuer *Issuer
	server *tls.Certificate
	source []byte
}

// Server answers workloads.
type Server struct {
	client *kube.Client
	held   atomic.Pointer[held]
}

// NewServer refuses an issuer that does not fit the anchors, so its pod does not become ready.
func NewServer(client *kube.Client) (*Server, error) {
	s := &Server{client: client}
	_, err := s.load()
	return s, err
}

// FollowIssuer takes over a changed Secret once the kubelet has put it into the pod, and says so in an Event.
func (s *Server) FollowIssuer(ctx context.Context) {
	for ctx.Err() == nil {
		kube.Sleep(ctx, lookForNewIssuer)
		changed, err := s.load()
		switch {
		case err != nil:
			log.Printf("keeping the issuer: %v", err)
			s.event(ctx, "Warning", "IssuerValidationFailed", err.Error())
			kube.Sleep(ctx, 10*time.Second)
		case changed:
			s.event(ctx, "Normal", "IssuerUpdated", "Updated identity issuer")
		}
	}
}

func (s *Server) load() (changed bool, err error) {
	certificate, err := os.ReadFile(IssuerFolder + "/crt.pem")
	if err != nil {
		return false, err
	}
	key, err := os.ReadFile(IssuerFolder + "/key.pem")
	if err != nil {
		return false, err
	}
	source := append(append([]byte{}, certificate...), key...)
	if before := s.held.Load(); before != nil && bytes.Equal(before.source, source) {
		return false, nil
	}
	anchors, err := os.ReadFile(AnchorsFile)
	if err != nil {
		return false, err
	}
	issuer, err := ParseIssuer(certificate, key, anchors)
	if err != nil {
		return false, fmt.Errorf("failed to validate issuer credentials: %w", err)
	}
	own, err := ownCertificate(issuer)
	if err != nil {
		return false, err
	}
	s.held.Store(&held{issuer: issuer, server: own, source: source})
	return true, nil
}

func ownCertificate(issuer *Issuer) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	chain, err := issuer.Sign(mesh.IdentityServer, key.Public())
	if err != nil {
		return nil, err
	}
	certificate := &tls.Certificate{PrivateKey: key}
	for block, rest := pem.Decode(chain); block != nil; block, rest = pem.Decode(rest) {
		certificate.Certificate = append(certificate.Certificate, block.Bytes)
	}
	return certificate, nil
}

// Serve blocks.
func (s *Server) Serve(address string) error {
	routes := http.NewServeMux()
	routes.HandleFunc("POST /certify", s.certify)
	server := &http.Server{Addr: address, Handler: routes, ReadHeaderTimeout: 10 * time.Second, TLSConfig: &tls.Config{
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return s.held.Load().server, nil },
	}}
	return server.ListenAndServeTLS("", "")
}

func (s *Server) certify(answer http.ResponseWriter, request *http.Request) {
	var asked workload.CertifyRequest
	if err := json.NewDecoder(http.MaxBytesReader(answer, request.Body, 64<<10)).Decode(&asked); err != nil {
		http.Error(answer, err.Error(), http.StatusBadRequest)
		return
	}
	csr, err := x509.ParseCertificateRequest(asked.CSR)
	if err == nil {
		err = csr.CheckSignature()
	}
	if err != nil || len(csr.DNSNames) != 1 {
		http.Error(answer, "malformed certificate request", http.StatusBadRequest)
		return
	}
	name, err := s.review(request.Context(), asked.Token)
	if err != nil {
		http.Error(answer, err.Error(), http.StatusForbidden)
		return
	}
	if csr.DNSNames[0] != name {
		http.Error(answer, fmt.Sprintf("requested identity %s does not match the token's %s", csr.DNSNames[0], name), http.StatusForbidden)
		return
	}
	chain, err := s.held.Load().issuer.Sign(name, csr.PublicKey)
	if err != nil {
		http.Error(answer, err.Error(), http.StatusInternalServerError)
		return
	}
	log.Printf("issued certificate for %s", name)
	_ = json.NewEncoder(answer).Encode(workload.CertifyAnswer{Chain: chain})
}

// review asks the API server whose token it is.
func (s *Server) review(ctx context.Context, token string) (string, error) {
	review := map[string]any{
		"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview",
		"spec": map[string]any{"token": token, "audiences": []string{mesh.TokenAudience}},
	}
	var judged struct {
		Status struct {
			Authenticated bool
			Error         string
			User          struct{ Username string }
		}
	}
	if err := s.client.Create(ctx, "/apis/authentication.k8s.io/v1/tokenreviews", review, &judged); err != nil {
		return "", err
	}
	parts := strings.Split(judged.Status.User.Username, ":")
	if !judged.Status.Authenticated || len(parts) != 4 || parts[1] != "serviceaccount" {
		return "", fmt.Errorf("token is not a ServiceAccount's: %s", judged.Status.Error)
	}
	return mesh.Identity(parts[3], parts[2]), nil
}

func (s *Server) event(ctx context.Context, kind, reason, message string) {
	now := time.Now().UTC().Format(time.RFC3339)
	err := s.client.Create(ctx, "/api/v1/namespaces/linkerd/events", map[string]any{
		"apiVersion": "v1", "kind": "Event", "type": kind, "reason": reason, "message": message, "count": 1,
		"metadata":       map[string]any{"generateName": "linkerd-identity.", "namespace": mesh.ControlNamespace},
		"involvedObject": kube.ObjectRef{APIVersion: "apps/v1", Kind: "Deployment", Name: "linkerd-identity", Namespace: mesh.ControlNamespace},
		"source":         map[string]any{"component": "linkerd-identity"}, "firstTimestamp": now, "lastTimestamp": now,
	}, nil)
	if err != nil {
		log.Printf("event %s: %v", reason, err)
	}
}
