// Package identity signs workload certificates for ServiceAccounts.
package identity

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"leafspan.test/linkerd/internal/mesh"
)

const (
	lifetime = 24 * time.Hour
	// skew is what clocks may differ by.
	skew = 20 * time.Second
)

// Issuer is a certificate authority below the anchors.
type Issuer struct {
	certificate *x509.Certificate
	chain       []byte
	key         crypto.Signer
}

// ParseIssuer holds the material to the rules that the real one has.
func ParseIssuer(certificatePEM, keyPEM, anchorsPEM []byte) (*Issuer, error) {
	pair, err := tls.X509KeyPair(certificatePEM, keyPEM)
	if err != nil {
		if strings.Contains(err.Error(), "does not match") {
			err = errors.New("tls: Public and private key do not match") // the real one's words
		}
		return nil, fmt.Errorf("failed to read CA: %w", err)
	}
	certificate := pair.Leaf
	public, isECDSA := certificate.PublicKey.(*ecdsa.PublicKey)
	if !isECDSA || public.Curve != elliptic.P256() {
		return nil, errors.New("issuer certificate must use P-256 curve for ECDSA keys")
	}
	if certificate.SignatureAlgorithm != x509.ECDSAWithSHA256 && certificate.SignatureAlgorithm != x509.SHA256WithRSA {
		return nil, fmt.Errorf("issuer certificate must not be signed with %s", certificate.SignatureAlgorithm)
	}
	if !certificate.IsCA {
		return nil, errors.New("issuer certificate is not a CA")
	}
	now := time.Now()
	if now.Before(certificate.NotBefore) {
		return nil, fmt.Errorf("issuer certificate not valid before: %s", certificate.NotBefore.Format(time.RFC3339))
	}
	if now.After(certificate.NotAfter) {
		return nil, fmt.Errorf("issuer certificate not valid anymore. Expired on %s", certificate.NotAfter.Format(time.RFC3339))
	}
	anchors, err := mesh.Pool(anchorsPEM)
	if err != nil {
		return nil, fmt.Errorf("trust anchors: %w", err)
	}
	if _, err := certificate.Verify(x509.VerifyOptions{Roots: anchors, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}); err != nil {
		return nil, err
	}
	key, isSigner := pair.PrivateKey.(crypto.Signer)
	if !isSigner {
		return nil, errors.New("the issuer's key cannot sign")
	}
	return &Issuer{certificate: certificate, chain: certificatePEM, key: key}, nil
}

// Certificate is the issuer's own.
func (i *Issuer) Certificate() *x509.Certificate { return i.certificate }

// Sign makes a chain for a workload's key.
func (i *Issuer) Sign(name string, public any) ([]byte, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: now.Add(-skew), NotAfter: now.Add(lifetime + skew),
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, i.certificate, public, i.key)
	if err != nil {
		return nil, err
	}
	return append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed}), i.chain...), nil
}
