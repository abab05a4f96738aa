package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"
)

const (
	authorityLifetime   = 3650 * 24 * time.Hour
	certificateLifetime = 365 * 24 * time.Hour
	// K3s renews at start what has less than this left.
	renewBefore = 120 * 24 * time.Hour
)

type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// ensureCertificates makes what is missing below server/tls and leaves the rest.
func ensureCertificates(config *serverConfig) error {
	authorities := map[string]*authority{}
	for _, name := range []string{"server-ca", "client-ca", "request-header-ca"} {
		var err error
		if authorities[name], err = ensureAuthority(config.tls(name), "k3s-"+name); err != nil {
			return err
		}
	}
	if err := ensureKey(config.tls("service.key")); err != nil {
		return err
	}
	names, ips := servingNames(config)
	server := x509.Certificate{Subject: pkix.Name{CommonName: "k3s"}, DNSNames: names, IPAddresses: ips}
	if err := ensureCertificate(config.tls("serving-kube-apiserver"), server, authorities["server-ca"], x509.ExtKeyUsageServerAuth); err != nil {
		return err
	}
	kubelet := x509.Certificate{Subject: pkix.Name{CommonName: config.nodeName}, DNSNames: []string{config.nodeName, "localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1).To4(), config.nodeIP.AsSlice()}}
	if err := ensureCertificate(config.agent("serving-kubelet"), kubelet, authorities["server-ca"], x509.ExtKeyUsageServerAuth); err != nil {
		return err
	}
	for file, subject := range clientSubjects(config.nodeName) {
		issuer := authorities["client-ca"]
		if file == "client-auth-proxy" {
			issuer = authorities["request-header-ca"]
		}
		if err := ensureCertificate(config.tls(file), x509.Certificate{Subject: subject}, issuer, x509.ExtKeyUsageClientAuth); err != nil {
			return err
		}
	}
	return nil
}

// The components are in system:masters beside their own names: their rights then do not wait for the
// roles that the API server makes after its start, and a node is ready sooner.
func clientSubjects(nodeName string) map[string]pkix.Name {
	subject := func(name string, groups ...string) pkix.Name {
		return pkix.Name{CommonName: name, Organization: groups}
	}
	return map[string]pkix.Name{
		"client-admin":          subject("system:admin", "system:masters"),
		"client-controller":     subject("system:kube-controller-manager", "system:masters"),
		"client-scheduler":      subject("system:kube-scheduler", "system:masters"),
		"client-kubelet":        subject("system:node:"+nodeName, "system:nodes", "system:masters"),
		"client-kube-proxy":     subject("system:kube-proxy", "system:masters"),
		"client-k3s-controller": subject("system:k3s-controller", "system:masters"),
		"client-kube-apiserver": subject("system:apiserver", "system:masters"),
		"client-auth-proxy":     subject("system:auth-proxy"),
	}
}

func servingNames(config *serverConfig) ([]string, []net.IP) {
	names := []string{"kubernetes", "kubernetes.default", "kubernetes.default.svc",
		"kubernetes.default.svc." + config.clusterDomain, "localhost", config.nodeName}
	addresses := []string{"127.0.0.1", "::1", config.kubernetesIP.String(), config.nodeIP.String(), config.advertiseAddress}
	for _, ip := range config.externalIPs {
		addresses = append(addresses, ip.String())
	}
	var ips []net.IP
	for _, name := range append(addresses, config.tlsSANs...) {
		if ip := net.ParseIP(name); ip == nil {
			names = append(names, name)
		} else if v4 := ip.To4(); v4 != nil {
			ips = append(ips, v4)
		} else {
			ips = append(ips, ip)
		}
	}
	slices.Sort(names)
	slices.SortFunc(ips, func(a, b net.IP) int { return slices.Compare(a, b) })
	return slices.Compact(names), slices.CompactFunc(ips, net.IP.Equal)
}

func ensureAuthority(path, name string) (*authority, error) {
	if certificate, key, err := readPair(path); err == nil {
		return &authority{certificate, key}, nil
	}
	now := time.Now()
	template := x509.Certificate{
		Subject:               pkix.Name{CommonName: fmt.Sprintf("%s@%d", name, now.Unix())},
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		NotAfter:              now.Add(authorityLifetime),
	}
	if err := writePair(path, template, nil); err != nil {
		return nil, err
	}
	certificate, key, err := readPair(path)
	return &authority{certificate, key}, err
}

func ensureCertificate(path string, wanted x509.Certificate, issuer *authority, usage x509.ExtKeyUsage) error {
	if seen, _, err := readPair(path); err == nil && time.Until(seen.NotAfter) > renewBefore &&
		seen.CheckSignatureFrom(issuer.certificate) == nil && seen.Subject.CommonName == wanted.Subject.CommonName &&
		slices.Equal(seen.DNSNames, wanted.DNSNames) && slices.EqualFunc(seen.IPAddresses, wanted.IPAddresses, net.IP.Equal) {
		return nil
	}
	wanted.NotAfter = time.Now().Add(certificateLifetime)
	wanted.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment
	wanted.ExtKeyUsage = []x509.ExtKeyUsage{usage}
	return writePair(path, wanted, issuer)
}

// writePair makes a key and its certificate; without an issuer it is self-signed.
func writePair(path string, template x509.Certificate, issuer *authority) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	_ = os.Remove(path + ".key")
	if err := ensureKey(path + ".key"); err != nil {
		return err
	}
	key, err := readKey(path + ".key")
	if err != nil {
		return err
	}
	if issuer == nil {
		issuer = &authority{&template, key}
	}
	if template.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 62)); err != nil {
		return err
	}
	// A little back, so that a client whose clock is behind does not refuse it.
	template.NotBefore = time.Now().Add(-time.Hour)
	der, err := x509.CreateCertificate(rand.Reader, &template, issuer.certificate, &key.PublicKey, issuer.key)
	if err != nil {
		return err
	}
	content := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	if !template.IsCA {
		content = append(content, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: issuer.certificate.Raw})...)
	}
	return writeFile(path+".crt", content, 0o644)
}

func ensureKey(path string) error {
	if _, err := readKey(path); err == nil {
		return nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	return writeFile(path, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}), 0o600)
}

func readKey(path string) (*ecdsa.PrivateKey, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(content)
	if block == nil {
		return nil, fmt.Errorf("%s: not PEM", path)
	}
	return x509.ParseECPrivateKey(block.Bytes)
}

func readPair(path string) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	key, err := readKey(path + ".key")
	if err != nil {
		return nil, nil, err
	}
	certificate, err := readCertificate(path + ".crt")
	return certificate, key, err
}

func readCertificate(path string) (*x509.Certificate, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(content)
	if block == nil {
		return nil, fmt.Errorf("%s: not PEM", path)
	}
	return x509.ParseCertificate(block.Bytes)
}
