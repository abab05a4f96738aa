package kube

// Meta is the part of an object's metadata that the double reads or writes.
type Meta struct {
	Name              string            `json:"name,omitempty"`
	Namespace         string            `json:"namespace,omitempty"`
	UID               string            `json:"uid,omitempty"`
	ResourceVersion   string            `json:"resourceVersion,omitempty"`
	DeletionTimestamp *string           `json:"deletionTimestamp,omitempty"`
	Labels            map[string]string `json:"labels,omitempty"`
	Annotations       map[string]string `json:"annotations,omitempty"`
	Generation        int64             `json:"generation,omitempty"`
}

type Service struct {
	APIVersion string      `json:"apiVersion"`
	Kind       string      `json:"kind"`
	Metadata   Meta        `json:"metadata"`
	Spec       ServiceSpec `json:"spec"`
}

type ServiceSpec struct {
	Type      string            `json:"type,omitempty"`
	ClusterIP string            `json:"clusterIP,omitempty"`
	Selector  map[string]string `json:"selector,omitempty"`
	Ports     []ServicePort     `json:"ports,omitempty"`
}

type ServicePort struct {
	Name        string `json:"name,omitempty"`
	Protocol    string `json:"protocol,omitempty"`
	Port        int    `json:"port"`
	AppProtocol string `json:"appProtocol,omitempty"`
	NodePort    int    `json:"nodePort,omitempty"`
}

type Endpoints struct {
	APIVersion string   `json:"apiVersion"`
	Kind       string   `json:"kind"`
	Metadata   Meta     `json:"metadata"`
	Subsets    []Subset `json:"subsets"`
}

type Subset struct {
	Addresses         []Address      `json:"addresses,omitempty"`
	NotReadyAddresses []Address      `json:"notReadyAddresses,omitempty"`
	Ports             []EndpointPort `json:"ports,omitempty"`
}

type Address struct {
	IP        string     `json:"ip"`
	TargetRef *ObjectRef `json:"targetRef,omitempty"`
}

type EndpointPort struct {
	Name     string `json:"name,omitempty"`
	Port     int    `json:"port"`
	Protocol string `json:"protocol,omitempty"`
}

type ObjectRef struct {
	APIVersion      string `json:"apiVersion,omitempty"`
	Kind            string `json:"kind,omitempty"`
	Name            string `json:"name,omitempty"`
	Namespace       string `json:"namespace,omitempty"`
	UID             string `json:"uid,omitempty"`
	ResourceVersion string `json:"resourceVersion,omitempty"`
}

type Pod struct {
	Metadata Meta      `json:"metadata"`
	Spec     PodSpec   `json:"spec"`
	Status   PodStatus `json:"status"`
}

type PodSpec struct {
	HostNetwork        bool        `json:"hostNetwork"`
	ServiceAccountName string      `json:"serviceAccountName"`
	Containers         []Container `json:"containers"`
	InitContainers     []Container `json:"initContainers"`
}

type Container struct {
	Name  string          `json:"name"`
	Image string          `json:"image"`
	Ports []ContainerPort `json:"ports"`
}

type ContainerPort struct {
	Name          string `json:"name"`
	ContainerPort int    `json:"containerPort"`
}

type PodStatus struct {
	Phase      string      `json:"phase"`
	PodIP      string      `json:"podIP"`
	Conditions []Condition `json:"conditions"`
}

type Condition struct {
	Type   string `json:"type"`
	Status string `json:"status"`
}

// Ready is the pod's own condition.
func (p *Pod) Ready() bool {
	for _, condition := range p.Status.Conditions {
		if condition.Type == "Ready" {
			return condition.Status == "True"
		}
	}
	return false
}

// HasProxy is true for a pod that the injector has changed, or that was rendered with the sidecar.
func (p *Pod) HasProxy() bool {
	for _, container := range append(append([]Container{}, p.Spec.InitContainers...), p.Spec.Containers...) {
		if container.Name == "linkerd-proxy" {
			return true
		}
	}
	return false
}

type ConfigMap struct {
	Metadata Meta              `json:"metadata"`
	Data     map[string]string `json:"data"`
}

type Secret struct {
	Metadata Meta              `json:"metadata"`
	Type     string            `json:"type"`
	Data     map[string][]byte `json:"data"`
}

type Namespace struct {
	Metadata Meta `json:"metadata"`
}

type List[T any] struct {
	Items []T `json:"items"`
}
