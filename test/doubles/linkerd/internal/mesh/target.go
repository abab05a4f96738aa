package mesh

// Verdicts of linkerd-destination on an address.
const (
	Plain  = "plain"  // not of the mesh: go where the client wanted
	Meshed = "meshed" // go to one of the endpoints
	Refuse = "refuse" // a Service that has no such port
)

// Target is what linkerd-destination knows of an address.
type Target struct {
	Verdict   string     `json:"verdict"`
	Opaque    bool       `json:"opaque"`
	Authority string     `json:"authority,omitempty"`
	Endpoints []Endpoint `json:"endpoints,omitempty"`
}

// Endpoint is where a connection can go.
type Endpoint struct {
	Address string `json:"address"`
	// Identity that the other side must prove; empty for a pod without a proxy.
	Identity string  `json:"identity,omitempty"`
	Header   Header  `json:"header"`
	Labels   []Label `json:"labels,omitempty"`
}

// Label goes into metrics.
type Label struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Policy is what a pod's proxy must know about its inbound side.
type Policy struct {
	GatewayDead bool         `json:"gatewayDead"`
	Servers     []PortPolicy `json:"servers"`
}

// PortPolicy guards one port by one Server.
type PortPolicy struct {
	Server string `json:"server"`
	Port   int    `json:"port"`
	// Access is the Server's accessPolicy.
	Access string `json:"access"`
	// Authorizations: one whose requirements are all met is enough.
	Authorizations []Authorization `json:"authorizations"`
}

// Authorization holds the requirements of one AuthorizationPolicy.
type Authorization struct {
	// Networks of each NetworkAuthentication that is required.
	Networks [][]Network `json:"networks,omitempty"`
	// Identities of each MeshTLSAuthentication or ServiceAccount that is required.
	Identities [][]string `json:"identities,omitempty"`
}

type Network struct {
	CIDR   string   `json:"cidr"`
	Except []string `json:"except,omitempty"`
}
