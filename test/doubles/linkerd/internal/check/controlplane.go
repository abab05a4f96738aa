package check

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"leafspan.test/linkerd/internal/identity"
	"leafspan.test/linkerd/internal/kube"
	"leafspan.test/linkerd/internal/mesh"
	"leafspan.test/linkerd/internal/version"
)

const (
	inNamespace = "/api/v1/namespaces/linkerd/"
	rbac        = "/apis/rbac.authorization.k8s.io/v1/"
	crdPath     = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/"
	webhooks    = "/apis/admissionregistration.k8s.io/v1/"
	twoMonths   = 60 * 24 * time.Hour
)

var controlPlane = []string{"linkerd-identity", "linkerd-destination", "linkerd-proxy-injector"}

// ControlPlane lists the checks of `linkerd check`.
func ControlPlane(client *kube.Client, clientErr error, expected string) []Category {
	l := looker{client}
	return []Category{
		{"kubernetes-api", []check{
			simple("can initialize the client", "k8s-api", func(context.Context) error { return clientErr }).asFatal(),
			simple("can query the Kubernetes API", "k8s-api", func(ctx context.Context) error { return client.Get(ctx, "/version", nil) }).asFatal().retried(),
		}},
		{"kubernetes-version", []check{passes("is running the minimum Kubernetes API version", "k8s-version")}},
		{"gateway-api-crd", []check{simple("Gateway API CRDs are installed", "gateway-api-crd",
			l.exist("CRDs", under(crdPath), "httproutes.gateway.networking.k8s.io", "grpcroutes.gateway.networking.k8s.io"))}},
		{"linkerd-existence", l.existence()},
		{"linkerd-config", l.config()},
		{"linkerd-identity", l.identity()},
		{"linkerd-webhooks-and-apisvc-tls", l.webhooks()},
		{"linkerd-version", []check{
			simple("can determine the latest version", "l5d-version-latest", func(context.Context) error { return reachable(expected) }).asWarning(),
			simple("cli is up-to-date", "l5d-version-cli", func(context.Context) error { return upToDate(expected) }).asWarning(),
		}},
		{"control-plane-version", []check{
			simple("can retrieve the control plane version", "l5d-version-control", func(ctx context.Context) error {
				_, err := l.installedVersion(ctx)
				return err
			}).retried(),
			simple("control plane is up-to-date", "l5d-version-control", func(context.Context) error { return upToDate(expected) }).asWarning(),
			simple("control plane and cli versions match", "l5d-version-control", func(ctx context.Context) error {
				installed, err := l.installedVersion(ctx)
				if err == nil && installed != version.Version {
					err = fmt.Errorf("control plane running %s but cli running %s", installed, version.Version)
				}
				return err
			}).asWarning(),
		}},
		{"linkerd-control-plane-proxy", []check{
			simple("control plane proxies are healthy", "l5d-cp-proxy-healthy", func(ctx context.Context) error {
				return l.podsReady(ctx, mesh.ControlNamespace, controlPlane...)
			}).retried(),
			passes("control plane proxies are up-to-date", "l5d-cp-proxy-version"),
			passes("control plane proxies and cli versions match", "l5d-cp-proxy-cli-version"),
		}},
		{"linkerd-extension-checks", []check{passes("namespace configuration for extensions", "l5d-extension-namespaces")}},
	}
}

func (l looker) existence() []check {
	return []check{
		simple("'linkerd-config' config map exists", "l5d-existence-linkerd-config", l.exist("ConfigMaps", under(inNamespace+"configmaps/"), "linkerd-config")).asFatal(),
		passes("heartbeat ServiceAccount exist", "l5d-existence-sa"),
		simple("control plane replica sets are ready", "l5d-existence-replicasets", l.replicasReady).asFatal().retried(),
		passes("no unschedulable pods", "l5d-existence-unschedulable-pods"),
		simple("control plane pods are ready", "l5d-api-control-ready", func(ctx context.Context) error {
			return l.podsReady(ctx, mesh.ControlNamespace, controlPlane...)
		}).asFatal().retried(),
		passes("cluster networks contains all node podCIDRs", "l5d-cluster-networks-cidr"),
		passes("cluster networks contains all pods", "l5d-cluster-networks-pods"),
		passes("cluster networks contains all services", "l5d-cluster-networks-pods"),
	}
}

func (l looker) replicasReady(ctx context.Context) error {
	found, err := l.deployments(ctx, mesh.ControlNamespace)
	if err != nil {
		return err
	}
	var failures []string
	for _, one := range found {
		if one.Status.UpdatedReplicas < one.Spec.Replicas {
			failures = append(failures, fmt.Sprintf("%s: %d of %d replicas", one.Metadata.Name, one.Status.UpdatedReplicas, one.Spec.Replicas))
		}
	}
	return joined(failures, "Some replica sets are not ready:\n    ")
}

func (l looker) config() []check {
	crds := []string{"authorizationpolicies.policy.linkerd.io", "servers.policy.linkerd.io", "meshtlsauthentications.policy.linkerd.io", "networkauthentications.policy.linkerd.io", "serviceprofiles.linkerd.io"}
	return []check{
		simple("control plane Namespace exists", "l5d-existence-ns", l.exist("Namespaces", under("/api/v1/namespaces/"), mesh.ControlNamespace)),
		simple("control plane ClusterRoles exist", "l5d-existence-cr", l.exist("ClusterRoles", under(rbac+"clusterroles/"), "linkerd-linkerd-identity", "linkerd-linkerd-proxy-injector")),
		simple("control plane ClusterRoleBindings exist", "l5d-existence-crb", l.exist("ClusterRoleBindings", under(rbac+"clusterrolebindings/"), "linkerd-linkerd-identity", "linkerd-linkerd-proxy-injector")),
		simple("control plane ServiceAccounts exist", "l5d-existence-sa", l.exist("ServiceAccounts", under(inNamespace+"serviceaccounts/"), controlPlane...)),
		simple("control plane CustomResourceDefinitions exist", "l5d-existence-crd", l.exist("CRDs", under(crdPath), crds...)),
		simple("control plane MutatingWebhookConfigurations exist", "l5d-existence-mwc", l.exist("MutatingWebhookConfigurations", under(webhooks+"mutatingwebhookconfigurations/"), "linkerd-proxy-injector-webhook-config")),
		simple("control plane ValidatingWebhookConfigurations exist", "l5d-existence-vwc", l.exist("ValidatingWebhookConfigurations", under(webhooks+"validatingwebhookconfigurations/"), "linkerd-policy-validator-webhook-config", "linkerd-sp-validator-webhook-config")),
		passes("proxy-init container runs as root user if docker container runtime is used", "l5d-proxy-init-run-as-root"),
	}
}

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

var installed = regexp.MustCompile(`(?m)^linkerdVersion: (\S+)$`)

func (l looker) installedVersion(ctx context.Context) (string, error) {
	var found kube.ConfigMap
	if err := l.client.Get(ctx, inNamespace+"configmaps/linkerd-config", &found); err != nil {
		return "", err
	}
	match := installed.FindStringSubmatch(found.Data["values"])
	if match == nil {
		return "", errors.New("linkerd-config holds no linkerdVersion")
	}
	return match[1], nil
}

var errNoVersionServer = errors.New("failed to resolve version check server: the double asks none")

func reachable(expected string) error {
	if expected == "" {
		return errNoVersionServer
	}
	return nil
}

func upToDate(expected string) error {
	if expected == "" {
		return errNoVersionServer
	}
	if !strings.EqualFold(expected, version.Version) {
		return fmt.Errorf("is running version %s but the latest edge version is %s", version.Version, expected)
	}
	return nil
}
