package check

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"leafspan.test/kube"
	"leafspan.test/linkerd/internal/identity"
	"leafspan.test/linkerd/internal/mesh"
)

const twoMonths = 60 * 24 * time.Hour

func (l looker) identity() []check {
	anchors := func(judge func([]*x509.Certificate) error) func(context.Context) error {
		return func(ctx context.Context) error {
			text, err := l.anchors(ctx)
			if err != nil {
				return err
			}
			found, err := mesh.Certificates(text)
			if err != nil {
				return err
			}
			return judge(found)
		}
	}
	issuer := func(judge func(*x509.Certificate) error) func(context.Context) error {
		return func(ctx context.Context) error {
			found, err := l.issuer(ctx)
			if err != nil {
				return err
			}
			return judge(found)
		}
	}
	valid := func(found *x509.Certificate, for_ time.Duration) error {
		if end := time.Now().Add(for_); end.After(found.NotAfter) {
			return fmt.Errorf("* %s will expire on %s", found.Subject.CommonName, found.NotAfter.Format(time.RFC3339))
		}
		return nil
	}
	allValid := func(for_ time.Duration) func([]*x509.Certificate) error {
		return func(found []*x509.Certificate) error {
			var failures []error
			for _, one := range found {
				failures = append(failures, valid(one, for_))
			}
			return errors.Join(failures...)
		}
	}
	whole := func(*x509.Certificate) error { return nil } // reading it has held it to all rules
	return []check{
		simple("certificate config is valid", "l5d-identity-cert-config-valid", issuer(whole)).asFatal(),
		simple("trust anchors are using supported crypto algorithm", "l5d-identity-trustAnchors-use-supported-crypto", anchors(allValid(-twoMonths*1000))).asFatal(),
		simple("trust anchors are within their validity period", "l5d-identity-trustAnchors-are-time-valid", anchors(allValid(0))).asFatal(),
		simple("trust anchors are valid for at least 60 days", "l5d-identity-trustAnchors-not-expiring-soon", anchors(allValid(twoMonths))).asWarning(),
		simple("issuer cert is using supported crypto algorithm", "l5d-identity-issuer-cert-uses-supported-crypto", issuer(whole)).asFatal(),
		simple("issuer cert is within its validity period", "l5d-identity-issuer-cert-is-time-valid", issuer(whole)).asFatal(),
		simple("issuer cert is valid for at least 60 days", "l5d-identity-issuer-cert-not-expiring-soon", issuer(func(found *x509.Certificate) error { return valid(found, twoMonths) })).asWarning(),
		simple("issuer cert is issued by the trust anchor", "l5d-identity-issuer-cert-issued-by-trust-anchor", issuer(whole)),
	}
}

func (l looker) anchors(ctx context.Context) ([]byte, error) {
	var found kube.ConfigMap
	err := l.client.Get(ctx, inNamespace+"configmaps/linkerd-identity-trust-roots", &found)
	return []byte(found.Data["ca-bundle.crt"]), err
}

func (l looker) issuer(ctx context.Context) (*x509.Certificate, error) {
	anchors, err := l.anchors(ctx)
	if err != nil {
		return nil, err
	}
	var secret kube.Secret
	if err := l.client.Get(ctx, inNamespace+"secrets/linkerd-identity-issuer", &secret); err != nil {
		return nil, err
	}
	issuer, err := identity.ParseIssuer(secret.Data["crt.pem"], secret.Data["key.pem"], anchors)
	if err != nil {
		return nil, err
	}
	return issuer.Certificate(), nil
}

type webhookConfiguration struct {
	Webhooks []struct {
		ClientConfig struct{ CABundle []byte }
	}
}

func (l looker) webhooks() []check {
	var checks []check
	for _, one := range []struct{ title, service, path string }{
		{"proxy-injector", "linkerd-proxy-injector", "mutatingwebhookconfigurations/linkerd-proxy-injector-webhook-config"},
		{"sp-validator", "linkerd-sp-validator", "validatingwebhookconfigurations/linkerd-sp-validator-webhook-config"},
		{"policy-validator", "linkerd-policy-validator", "validatingwebhookconfigurations/linkerd-policy-validator-webhook-config"},
	} {
		checks = append(checks,
			simple(one.title+" webhook has valid cert", "l5d-"+one.title+"-webhook-cert-valid", func(ctx context.Context) error {
				return l.webhookCert(ctx, one.service, one.path)
			}).asFatal(),
			passes(one.title+" cert is valid for at least 60 days", "l5d-"+one.title+"-webhook-cert-not-expiring-soon"))
	}
	return checks
}

func (l looker) webhookCert(ctx context.Context, service, path string) error {
	var secret kube.Secret
	if err := l.client.Get(ctx, inNamespace+"secrets/"+service+"-k8s-tls", &secret); err != nil {
		return err
	}
	var configuration webhookConfiguration
	if err := l.client.Get(ctx, webhooks+path, &configuration); err != nil {
		return err
	}
	for _, webhook := range configuration.Webhooks {
		if !bytes.Equal(bytes.TrimSpace(webhook.ClientConfig.CABundle), bytes.TrimSpace(secret.Data["tls.crt"])) {
			return fmt.Errorf("certificate of %s is not the one that its webhook trusts", service)
		}
	}
	return nil
}
