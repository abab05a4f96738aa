// Package mesh holds what the parts of the mesh say to each other.
package mesh

import "strings"

const (
	TrustDomain = "cluster.local"

	ControlNamespace      = "linkerd"
	MulticlusterNamespace = "linkerd-multicluster"

	IdentityAddress    = "linkerd-identity.linkerd.svc.cluster.local.:8080"
	DestinationAddress = "linkerd-dst.linkerd.svc.cluster.local.:8086"

	// TokenAudience is of the ServiceAccount tokens that workloads show to get a certificate.
	TokenAudience = "identity.l5d.io"

	InboundPort  = 4143
	OutboundPort = 4140
	ControlPort  = 4190
	AdminPort    = 4191
	ProxyUser    = 2102
)

// Annotations and labels.
const (
	Inject           = "linkerd.io/inject"
	OpaquePorts      = "config.linkerd.io/opaque-ports"
	SkipInbound      = "config.linkerd.io/skip-inbound-ports"
	EnableGateway    = "config.linkerd.io/enable-gateway"
	ShutdownGrace    = "config.linkerd.io/shutdown-grace-period"
	ProxyAwait       = "config.linkerd.io/proxy-await"
	DefaultInbound   = "config.linkerd.io/default-inbound-policy"
	ProxyVersion     = "linkerd.io/proxy-version"
	TrustRootSHA256  = "linkerd.io/trust-root-sha256"
	ControlPlaneNS   = "linkerd.io/control-plane-ns"
	Exported         = "mirror.linkerd.io/exported"
	MirroredService  = "mirror.linkerd.io/mirrored-service"
	MirroredGateway  = "mirror.linkerd.io/mirrored-gateway"
	MirrorCluster    = "mirror.linkerd.io/cluster-name"
	RemoteServiceFQN = "mirror.linkerd.io/remote-svc-fq-name"
	RemoteVersion    = "mirror.linkerd.io/remote-resource-version"
	RemoteGatewayID  = "mirror.linkerd.io/remote-gateway-identity"
	OpaqueProtocol   = "linkerd.io/opaque"

	// DefaultOpaquePorts are those of protocols known to let the server speak first.
	DefaultOpaquePorts = "25,587,3306,4444,5432,6379,9300,11211"
)

// Identity is the DNS name in the certificate of a ServiceAccount's workloads.
func Identity(serviceAccount, namespace string) string {
	return serviceAccount + "." + namespace + ".serviceaccount.identity.linkerd." + TrustDomain
}

var (
	IdentityServer    = Identity("linkerd-identity", ControlNamespace)
	DestinationServer = Identity("linkerd-destination", ControlNamespace)
)

// ServiceAuthority is how a Service's port is named across clusters.
func ServiceAuthority(service, namespace string) string {
	return service + "." + namespace + ".svc." + TrustDomain
}

// ServiceOf takes a Service's full name apart.
func ServiceOf(host string) (service, namespace string, ok bool) {
	parts := strings.SplitN(host, ".", 4)
	if len(parts) < 3 || parts[2] != "svc" {
		return "", "", false
	}
	return parts[0], parts[1], true
}
