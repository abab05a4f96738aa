// Package workload gets a workload its certificate and keeps it fresh.
package workload

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
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"leafspan.test/kube"
	"leafspan.test/linkerd/internal/mesh"
)

const (
	// Protocol is spoken between proxies, and between proxies and the control plane.
	Protocol = "linkerd-double/1"
	// TokenFile is where the injector mounts the token.
	TokenFile = "/var/run/secrets/tokens/linkerd-identity-token"

	retryAfter = 500 * time.Millisecond
)

// CertifyRequest is what linkerd-identity is asked.
type CertifyRequest struct {
	Token string `json:"token"`
	CSR   []byte `json:"csr"`
}

// CertifyAnswer is a chain, the workload's certificate first.
type CertifyAnswer struct {
	Chain []byte `json:"chain"`
}

// Credentials are one workload's identity.
type Credentials struct {
	Name    string
	Anchors *x509.CertPool
	current atomic.Pointer[tls.Certificate]
}

func New(name string, anchors []byte) (*Credentials, error) {
	pool, err := mesh.Pool(anchors)
	if err != nil {
		return nil, fmt.Errorf("trust anchors: %w", err)
	}
	return &Credentials{Name: name, Anchors: pool}, nil
}

// Ready is true once there is a certificate.
func (c *Credentials) Ready() bool { return c.current.Load() != nil }

// Keep asks for a certificate until it gets one, and again when two thirds of its life are over.
func (c *Credentials) Keep(ctx context.Context) {
	for ctx.Err() == nil {
		certificate, err := c.certify(ctx)
		if err != nil {
			log.Printf("no certificate for %s: %v", c.Name, err)
			kube.Sleep(ctx, retryAfter)
			continue
		}
		c.current.Store(certificate)
		log.Printf("certified as %s until %s", c.Name, certificate.Leaf.NotAfter.Format(time.RFC3339))
		kube.Sleep(ctx, time.Until(certificate.Leaf.NotAfter)*2/3)
	}
}

func (c *Credentials) certify(ctx context.Context) (*tls.Certificate, error) {
	token, err := os.ReadFile(TokenFile)
	if err != nil {
		return nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	csr, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{DNSNames: []string{c.Name}}, key)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(CertifyRequest{Token: strings.TrimSpace(string(token)), CSR: csr})
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+mesh.IdentityAddress+"/certify", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: c.Anchors, ServerName: mesh.IdentityServer}, DisableKeepAlives: true}
	response, err := (&http.Client{Transport: transport, Timeout: 5 * time.Second}).Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, errors.New(strings.TrimSpace(string(text)))
	}
	var answer CertifyAnswer
	if err := json.Unmarshal(text, &answer); err != nil {
		return nil, err
	}
	return pair(answer.Chain, key)
}

func pair(chain []byte, key *ecdsa.PrivateKey) (*tls.Certificate, error) {
	certificate := &tls.Certificate{PrivateKey: key}
	for block, rest := pem.Decode(chain); block != nil; block, rest = pem.Decode(rest) {
		certificate.Certificate = append(certificate.Certificate, block.Bytes)
	}
	if len(certificate.Certificate) == 0 {
		return nil, errors.New("empty chain")
	}
	leaf, err := x509.ParseCertificate(certificate.Certificate[0])
	certificate.Leaf = leaf
	return certificate, err
}

// Client verifies that the other side is who it should be.
func (c *Credentials) Client(identity string) *tls.Config {
	return &tls.Config{
		RootCAs: c.Anchors, ServerName: identity, MinVersion: tls.VersionTLS13, NextProtos: []string{Protocol},
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return c.held() },
	}
}

// Server lets in whoever the same anchors vouch for.
func (c *Credentials) Server(protocols ...string) *tls.Config {
	return &tls.Config{
		ClientCAs: c.Anchors, ClientAuth: tls.RequireAndVerifyClientCert, MinVersion: tls.VersionTLS13, NextProtos: protocols,
		// Each connection proves itself by certificate; a resumed one would not.
		SessionTicketsDisabled: true,
		GetCertificate:         func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.held() },
	}
}

func (c *Credentials) held() (*tls.Certificate, error) {
	if certificate := c.current.Load(); certificate != nil {
		return certificate, nil
	}
	return nil, errors.New("no certificate yet")
}
