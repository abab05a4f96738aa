package mesh

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
)

// Certificates reads all certificates of a PEM text.
func Certificates(text []byte) ([]*x509.Certificate, error) {
	var found []*x509.Certificate
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		found = append(found, certificate)
	}
	if len(found) == 0 {
		return nil, errors.New("no certificate in PEM")
	}
	return found, nil
}

// Pool of a PEM text's certificates.
func Pool(text []byte) (*x509.CertPool, error) {
	found, err := Certificates(text)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	for _, certificate := range found {
		pool.AddCert(certificate)
	}
	return pool, nil
}

// TrustRootHash is what the annotation linkerd.io/trust-root-sha256 holds.
func TrustRootHash(anchors string) string {
	sum := sha256.Sum256([]byte(anchors))
	return hex.EncodeToString(sum[:])
}
