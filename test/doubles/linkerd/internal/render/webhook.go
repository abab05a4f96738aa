package render

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"time"

	"leafspan.test/linkerd/internal/mesh"
)

// webhookCert is minted anew in each render and signs itself.
type webhookCert struct{ certificate, key []byte }

func mintWebhookCert(service string) (webhookCert, error) {
	name := service + "." + mesh.ControlNamespace + ".svc"
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return webhookCert{}, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return webhookCert{}, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: now.Add(-5 * time.Minute), NotAfter: now.AddDate(1, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true,
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return webhookCert{}, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return webhookCert{}, err
	}
	return webhookCert{
		certificate: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed}),
		key:         pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}),
	}, nil
}

func (c webhookCert) secret(service string, marks labels) object {
	return named(coreVersion, "Secret", mesh.ControlNamespace, service+"-k8s-tls", marks, object{
		"type": "kubernetes.io/tls", "data": object{"tls.crt": c.certificate, "tls.key": c.key},
	})
}

func (c webhookCert) configuration(kind, service, configuration, webhook, failurePolicy string, marks labels, rules []object) object {
	return named("admissionregistration.k8s.io/v1", kind, "", configuration, marks, object{"webhooks": []object{{
		"name": webhook, "admissionReviewVersions": []string{"v1"}, "sideEffects": "None",
		"failurePolicy": failurePolicy, "timeoutSeconds": 10, "rules": rules,
		"clientConfig": object{
			"caBundle": c.certificate, "service": object{"name": service, "namespace": mesh.ControlNamespace, "path": "/"},
		},
		"namespaceSelector": object{"matchExpressions": []object{
			{"key": "config.linkerd.io/admission-webhooks", "operator": "NotIn", "values": []string{"disabled"}},
			{"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": []string{"kube-system", "cert-manager"}},
		}},
	}}})
}
