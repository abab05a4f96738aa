// Package resources are the objects that the controller reads, as far as it reads them.
package resources

import (
	"encoding/json"

	"leafspan.test/kube"
)

// Object keeps the whole answer of the API server, since an update of the status sends it back.
type Object[S any] struct {
	Metadata Meta
	Spec     S
	Status   Status
	Raw      map[string]any
}

type Meta struct {
	kube.Meta
	CreationTimestamp string `json:"creationTimestamp"`
}

type Status struct {
	State   string `json:"state"`
	Reason  string `json:"reason"`
	Message string `json:"message"`
}

func (o *Object[S]) UnmarshalJSON(text []byte) error {
	var plain struct {
		Metadata Meta
		Spec     S
		Status   json.RawMessage
	}
	if err := json.Unmarshal(text, &plain); err != nil {
		return err
	}
	o.Metadata, o.Spec = plain.Metadata, plain.Spec
	// Other kinds have a status of another form, which nothing here reads.
	_ = json.Unmarshal(plain.Status, &o.Status)
	return json.Unmarshal(text, &o.Raw)
}

type (
	GlobalConfiguration = Object[GlobalConfigurationSpec]
	TransportServer     = Object[TransportServerSpec]
	Policy              = Object[PolicySpec]
	Ingress             = Object[IngressSpec]
	Service             = Object[ServiceSpec]
	Nothing             = Object[struct{}]
)

type GlobalConfigurationSpec struct{ Listeners []Listener }

type Listener struct {
	Name, Protocol, IPv4, IPv6 string
	Port                       int
	SSL                        bool
}

type TransportServerSpec struct {
	IngressClassName, Host, ServerSnippets, StreamSnippets string
	Listener                                               struct{ Name, Protocol string }
	TLS                                                    *struct{ Secret string }
	Upstreams                                              []Upstream
	UpstreamParameters                                     *UpstreamParameters
	SessionParameters                                      *struct{ Timeout string }
	Action                                                 *struct{ Pass string }
}

type Upstream struct {
	Name, Service, FailTimeout, LoadBalancingMethod, Backup string
	Port                                                    int
	MaxFails, MaxConns                                      *int
	HealthCheck                                             *struct{ Enable bool }
}

type UpstreamParameters struct {
	ConnectTimeout, NextUpstreamTimeout string
	NextUpstream                        bool
	NextUpstreamTries                   int
	UDPRequests, UDPResponses           *int
}

// PolicySpec: any other field than these two makes it a kind of policy that the double does not do.
type PolicySpec struct {
	IngressClassName string
	AccessControl    *AccessControl
}

type AccessControl struct{ Allow, Deny []string }

type IngressSpec struct {
	IngressClassName string
	DefaultBackend   *Backend
	TLS              []struct {
		Hosts      []string
		SecretName string
	}
	Rules []struct {
		Host string
		HTTP *struct {
			Paths []struct {
				Path, PathType string
				Backend        Backend
			}
		}
	}
}

type Backend struct {
	Service *struct {
		Name string
		Port struct {
			Name   string
			Number int
		}
	}
}

type ServiceSpec struct {
	Type  string
	Ports []struct {
		Name       string
		Port       int
		TargetPort any
	}
}

type EndpointSlice struct {
	Metadata Meta
	Ports    []struct {
		Name string
		Port int
	}
	Endpoints []struct {
		Addresses  []string
		Conditions struct{ Ready *bool }
	}
}

type Secret struct {
	Metadata Meta
	Type     string
	Data     map[string][]byte
}
