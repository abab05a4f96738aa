package check

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"leafspan.test/kube"
	"leafspan.test/linkerd/internal/mesh"
	"leafspan.test/linkerd/internal/mirror"
	"leafspan.test/linkerd/internal/version"
)

// Multicluster lists the checks of `linkerd multicluster check`. Those about Links are left out where there is none.
func Multicluster(client *kube.Client, clientErr error) []Category {
	l := looker{client}
	perLink := func(description, anchor string, judge func(context.Context, mirror.Link) error) check {
		return check{description: description, anchor: anchor, probe: func(ctx context.Context) (string, error) {
			return l.eachLink(ctx, judge)
		}}
	}
	whole := func(description, anchor string, probe func(context.Context) error) check {
		return simple(description, anchor, func(ctx context.Context) error {
			if links, err := l.links(ctx); err != nil || len(links) == 0 {
				return errors.Join(err, errSkipped)
			}
			return probe(ctx)
		})
	}
	return []Category{{"linkerd-multicluster", []check{
		simple("Link CRD exists", "l5d-multicluster-link-crd-exists", func(ctx context.Context) error {
			if clientErr != nil {
				return clientErr
			}
			return l.exist("CRDs", under(crdPath), "links.multicluster.linkerd.io")(ctx)
		}).asFatal(),
		perLink("Link resources are valid", "l5d-multicluster-links-are-valid", validLink).asFatal(),
		perLink("Link and CLI versions match", "l5d-multicluster-links-version", linkVersion).asWarning(),
		perLink("remote cluster access credentials are valid", "l5d-smc-target-clusters-access", l.remoteAccess).asFatal(),
		perLink("clusters share trust anchors", "l5d-multicluster-clusters-share-anchors", l.sameAnchors),
		perLink("service mirror controller has required permissions", "l5d-multicluster-source-rbac-correct", l.permissions),
		perLink("service mirror controllers are running", "l5d-multicluster-service-mirror-running", l.controllerRuns).retried(),
		perLink("extension is managing controllers", "l5d-multicluster-managed-controllers", func(context.Context, mirror.Link) error { return nil }),
		perLink("probe services able to communicate with all gateway mirrors", "l5d-multicluster-gateways-endpoints", l.gatewayAlive).retried(),
		whole("all mirror services have endpoints", "l5d-multicluster-services-endpoints", l.mirrorsHaveEndpoints),
		whole("all mirror services are part of a Link", "l5d-multicluster-orphaned-services", l.noOrphans),
		simple("multicluster extension proxies are healthy", "l5d-multicluster-proxy-healthy", l.extensionHealthy).retried().asWarning(),
		simple("multicluster extension proxies are up-to-date", "l5d-multicluster-proxy-cp-version", func(context.Context) error { return errNoVersionServer }).asWarning(),
		passes("multicluster extension proxies and cli versions match", "l5d-multicluster-proxy-cli-version"),
	}}}
}

func (l looker) eachLink(ctx context.Context, judge func(context.Context, mirror.Link) error) (string, error) {
	links, err := l.links(ctx)
	if err != nil {
		return "", err
	}
	if len(links) == 0 {
		return "", errSkipped
	}
	var notes, failures []string
	for _, link := range links {
		if err := judge(ctx, link); err != nil {
			failures = append(failures, err.Error())
			continue
		}
		notes = append(notes, "\t* "+link.Spec.TargetClusterName)
	}
	if len(failures) > 0 {
		return "", errors.New(strings.Join(failures, "\n    "))
	}
	return strings.Join(notes, "\n"), nil
}

func validLink(_ context.Context, link mirror.Link) error {
	spec := link.Spec
	for _, field := range [][2]string{
		{"targetClusterName", spec.TargetClusterName}, {"clusterCredentialsSecret", spec.ClusterCredentialsSecret},
		{"gatewayAddress", spec.GatewayAddress}, {"gatewayIdentity", spec.GatewayIdentity},
	} {
		if field[1] == "" {
			return fmt.Errorf("* %s: %s is missing", link.Metadata.Name, field[0])
		}
	}
	for _, port := range []string{spec.GatewayPort, spec.ProbeSpec.Port} {
		if _, err := strconv.Atoi(port); err != nil {
			return fmt.Errorf("* %s: %w", link.Metadata.Name, err)
		}
	}
	return nil
}

// linkVersion reads who made the Link: "linkerd/cli <version>", perhaps with more behind it.
func linkVersion(_ context.Context, link mirror.Link) error {
	words := strings.Fields(link.Metadata.Annotations[version.CreatedByAnnotation])
	if len(words) < 2 {
		return fmt.Errorf("* %s: unable to determine version", link.Spec.TargetClusterName)
	}
	if words[1] != version.Version {
		return fmt.Errorf("* %s: CLI version is %s but Link version is %s", link.Spec.TargetClusterName, version.Version, words[1])
	}
	return nil
}

func (l looker) remoteAccess(ctx context.Context, link mirror.Link) error {
	remote, _, err := mirror.Remote(ctx, l.client, link.Spec.ClusterCredentialsSecret)
	if err != nil {
		return fmt.Errorf("* secret: [%s/%s]: %w", mesh.MulticlusterNamespace, link.Spec.ClusterCredentialsSecret, err)
	}
	if err := remote.Get(ctx, "/api/v1/services?limit=1", nil); err != nil {
		return fmt.Errorf("* failed to connect to API for cluster: [%s]: %w", link.Spec.TargetClusterName, err)
	}
	return nil
}

func (l looker) sameAnchors(ctx context.Context, link mirror.Link) error {
	cluster := link.Spec.TargetClusterName
	remote, _, err := mirror.Remote(ctx, l.client, link.Spec.ClusterCredentialsSecret)
	if err != nil {
		return fmt.Errorf("Problematic clusters:\n    * secret: [%s/%s]: %w", mesh.MulticlusterNamespace, link.Spec.ClusterCredentialsSecret, err)
	}
	here, err := configuredAnchors(ctx, l.client)
	if err != nil {
		return err
	}
	there, err := configuredAnchors(ctx, remote)
	if err != nil {
		return fmt.Errorf("Problematic clusters:\n    * %s: unable to fetch anchors: %w", cluster, err)
	}
	if !bytes.Equal(here, there) {
		return fmt.Errorf("Problematic clusters:\n    * %s", cluster)
	}
	return nil
}

// configuredAnchors are those in linkerd-config, the one thing of a control plane that another cluster may read.
func configuredAnchors(ctx context.Context, client *kube.Client) ([]byte, error) {
	var found kube.ConfigMap
	if err := client.Get(ctx, inNamespace+"configmaps/linkerd-config", &found); err != nil {
		return nil, err
	}
	plain := strings.ReplaceAll(found.Data["values"], "\n  ", "\n")
	certificates, err := mesh.Certificates([]byte(plain))
	if err != nil {
		return nil, err
	}
	var all []byte
	for _, certificate := range certificates {
		all = append(all, certificate.Raw...)
	}
	return all, nil
}

func (l looker) permissions(ctx context.Context, link mirror.Link) error {
	cluster := link.Spec.TargetClusterName
	roles := rbac + "namespaces/" + mesh.MulticlusterNamespace + "/"
	if err := l.exist("Roles", under(roles+"roles/"), "controller-read-remote-creds-"+cluster)(ctx); err != nil {
		return err
	}
	return l.exist("ClusterRoleBindings", under(rbac+"clusterrolebindings/"), "linkerd-multicluster-controller-access-local-resources-"+cluster)(ctx)
}

func (l looker) controllerRuns(ctx context.Context, link mirror.Link) error {
	cluster := link.Spec.TargetClusterName
	var found deployment
	err := l.client.Get(ctx, "/apis/apps/v1/namespaces/"+mesh.MulticlusterNamespace+"/deployments/controller-"+cluster, &found)
	if kube.IsNotFound(err) {
		return fmt.Errorf("* no service mirror controller deployment for Link %s", cluster)
	}
	if err == nil && found.Status.AvailableReplicas < 1 {
		return fmt.Errorf("* service mirror controller is not available: %s/%s", mesh.MulticlusterNamespace, found.Metadata.Name)
	}
	return err
}

func (l looker) gatewayAlive(ctx context.Context, link mirror.Link) error {
	cluster := link.Spec.TargetClusterName
	var endpoints kube.Endpoints
	err := l.client.Get(ctx, "/api/v1/namespaces/"+mesh.MulticlusterNamespace+"/endpoints/probe-"+cluster, &endpoints)
	if err != nil || len(endpoints.Subsets) == 0 {
		return fmt.Errorf("probe-%s.%s mirrored from cluster [%s] has no endpoints", cluster, mesh.MulticlusterNamespace, cluster)
	}
	alive, _, err := l.gatewayMetrics(ctx, cluster)
	if err != nil {
		return fmt.Errorf("failed to get gateway metrics for target cluster %s: %w", cluster, err)
	}
	if !alive {
		return fmt.Errorf("liveness checks failed for %s", cluster)
	}
	return nil
}

func (l looker) mirrorsHaveEndpoints(ctx context.Context) error {
	mirrors, err := l.mirrors(ctx, mesh.MirrorCluster)
	if err != nil {
		return err
	}
	var failures []string
	for _, service := range mirrors {
		var endpoints kube.Endpoints
		err := l.client.Get(ctx, "/api/v1/namespaces/"+service.Metadata.Namespace+"/endpoints/"+service.Metadata.Name, &endpoints)
		if err != nil || len(endpoints.Subsets) == 0 || len(endpoints.Subsets[0].Addresses) == 0 {
			failures = append(failures, fmt.Sprintf("%s.%s mirrored from cluster [%s]", service.Metadata.Name, service.Metadata.Namespace, service.Metadata.Labels[mesh.MirrorCluster]))
		}
	}
	return joined(failures, "Some mirror services do not have endpoints:\n    ")
}

func (l looker) noOrphans(ctx context.Context) error {
	mirrors, err := l.mirrors(ctx, mesh.MirrorCluster)
	if err != nil {
		return err
	}
	links, err := l.links(ctx)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, link := range links {
		known[link.Spec.TargetClusterName] = true
	}
	var failures []string
	for _, service := range mirrors {
		if !known[service.Metadata.Labels[mesh.MirrorCluster]] {
			failures = append(failures, fmt.Sprintf("mirror service %s.%s is not part of any Link", service.Metadata.Name, service.Metadata.Namespace))
		}
	}
	return joined(failures, "")
}

// extensionHealthy looks, as the real one, at the proxies that are there: an unmeshed pod does not disturb it.
func (l looker) extensionHealthy(ctx context.Context) error {
	pods, err := l.pods(ctx, mesh.MulticlusterNamespace)
	if err != nil {
		return err
	}
	var failures []string
	for _, pod := range pods {
		if pod.HasProxy() && pod.Metadata.DeletionTimestamp == nil && !pod.Ready() {
			failures = append(failures, "* "+pod.Metadata.Name+" is not ready")
		}
	}
	return joined(failures, "Some pods are not ready:\n    ")
}
