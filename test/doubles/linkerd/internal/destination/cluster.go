package destination

import (
	"context"

	"leafspan.test/kube"
	"leafspan.test/linkerd/internal/faults"
)

// Cluster is the cluster as its API server tells it.
type Cluster struct {
	faults         *faults.Source
	services       *kube.Store[kube.Service]
	endpoints      *kube.Store[kube.Endpoints]
	pods           *kube.Store[kube.Pod]
	servers        *kube.Store[server]
	authorizations *kube.Store[authorizationPolicy]
	networks       *kube.Store[networkAuthentication]
	identities     *kube.Store[meshTLSAuthentication]
}

// Follow watches all that lookups need.
func Follow(ctx context.Context, client *kube.Client) *Cluster {
	const policy = "/apis/policy.linkerd.io/"
	return &Cluster{
		faults:         faults.Follow(ctx, client),
		services:       kube.Watch[kube.Service](ctx, client, "/api/v1/services", "", nil),
		endpoints:      kube.Watch[kube.Endpoints](ctx, client, "/api/v1/endpoints", "", nil),
		pods:           kube.Watch[kube.Pod](ctx, client, "/api/v1/pods", "", nil),
		servers:        kube.Watch[server](ctx, client, policy+"v1beta3/servers", "", nil),
		authorizations: kube.Watch[authorizationPolicy](ctx, client, policy+"v1alpha1/authorizationpolicies", "", nil),
		networks:       kube.Watch[networkAuthentication](ctx, client, policy+"v1alpha1/networkauthentications", "", nil),
		identities:     kube.Watch[meshTLSAuthentication](ctx, client, policy+"v1alpha1/meshtlsauthentications", "", nil),
	}
}

// Synced is true once everything has been read.
func (c *Cluster) Synced() bool {
	return c.services.Synced() && c.endpoints.Synced() && c.pods.Synced() && c.servers.Synced() &&
		c.authorizations.Synced() && c.networks.Synced() && c.identities.Synced()
}
