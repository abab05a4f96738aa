package check

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"leafspan.test/kube"
	"leafspan.test/linkerd/internal/mesh"
	"leafspan.test/linkerd/internal/version"
)

const (
	inNamespace = "/api/v1/namespaces/linkerd/"
	rbac        = "/apis/rbac.authorization.k8s.io/v1/"
	crdPath     = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/"
	webhooks    = "/apis/admissionregistration.k8s.io/v1/"
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
