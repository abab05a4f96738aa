// Package mirror copies the exported Services of another cluster into this one, as its Link says.
package mirror

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"leafspan.test/kube"
	"leafspan.test/linkerd/internal/mesh"
)

// Link is the custom resource.
type Link struct {
	Metadata kube.Meta  `json:"metadata"`
	Spec     LinkSpec   `json:"spec"`
	Status   LinkStatus `json:"status"`
}

// LinkSpec has its numbers as text, as the CRD wants them.
type LinkSpec struct {
	TargetClusterName        string    `json:"targetClusterName"`
	TargetClusterDomain      string    `json:"targetClusterDomain"`
	ClusterCredentialsSecret string    `json:"clusterCredentialsSecret"`
	GatewayAddress           string    `json:"gatewayAddress"`
	GatewayPort              string    `json:"gatewayPort"`
	GatewayIdentity          string    `json:"gatewayIdentity"`
	ProbeSpec                ProbeSpec `json:"probeSpec"`
	Selector                 Selector  `json:"selector"`
}

type ProbeSpec struct {
	Path             string `json:"path"`
	Port             string `json:"port"`
	Period           string `json:"period"`
	Timeout          string `json:"timeout"`
	FailureThreshold string `json:"failureThreshold"`
}

type Selector struct {
	MatchLabels      map[string]string `json:"matchLabels"`
	MatchExpressions []struct {
		Key      string   `json:"key"`
		Operator string   `json:"operator"`
		Values   []string `json:"values"`
	} `json:"matchExpressions"`
}

type LinkStatus struct {
	MirrorServices []ServiceStatus `json:"mirrorServices,omitempty"`
}

type ServiceStatus struct {
	ControllerName string                `json:"controllerName"`
	RemoteRef      Reference             `json:"remoteRef"`
	Conditions     []LinkStatusCondition `json:"conditions"`
}

type Reference struct {
	Group     string `json:"group"`
	Kind      string `json:"kind"`
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
}

type LinkStatusCondition struct {
	Type               string     `json:"type"`
	Status             string     `json:"status"`
	Reason             string     `json:"reason"`
	Message            string     `json:"message"`
	LastTransitionTime string     `json:"lastTransitionTime"`
	LocalRef           *Reference `json:"localRef,omitempty"`
}

// LinksPath is where Links of the multicluster namespace lie.
const LinksPath = "/apis/multicluster.linkerd.io/v1alpha3/namespaces/" + mesh.MulticlusterNamespace + "/links"

// Remote opens the target cluster's API by the Link's Secret.
func Remote(ctx context.Context, client *kube.Client, secretName string) (*kube.Client, string, error) {
	var secret kube.Secret
	if err := client.Get(ctx, "/api/v1/namespaces/"+mesh.MulticlusterNamespace+"/secrets/"+secretName, &secret); err != nil {
		return nil, "", err
	}
	kubeconfig := secret.Data["kubeconfig"]
	if len(kubeconfig) == 0 {
		return nil, "", fmt.Errorf("secret %s has no kubeconfig", secretName)
	}
	remote, err := kube.FromKubeconfig(kubeconfig)
	return remote, secret.Metadata.ResourceVersion, err
}

func (p ProbeSpec) period() time.Duration { return duration(p.Period, 3*time.Second) }

func (p ProbeSpec) timeout() time.Duration { return duration(p.Timeout, 30*time.Second) }

func (p ProbeSpec) threshold() int {
	if number, err := strconv.Atoi(p.FailureThreshold); err == nil && number > 0 {
		return number
	}
	return 3
}

func duration(text string, otherwise time.Duration) time.Duration {
	if found, err := time.ParseDuration(text); err == nil && found > 0 {
		return found
	}
	return otherwise
}

// query turns the selector into the API server's form.
func (s Selector) query() string {
	text := ""
	add := func(term string) {
		if text != "" {
			text += ","
		}
		text += term
	}
	for name, value := range s.MatchLabels {
		add(name + "=" + value)
	}
	for _, expression := range s.MatchExpressions {
		values := ""
		for index, value := range expression.Values {
			if index > 0 {
				values += ","
			}
			values += value
		}
		switch expression.Operator {
		case "In":
			add(expression.Key + " in (" + values + ")")
		case "NotIn":
			add(expression.Key + " notin (" + values + ")")
		case "Exists":
			add(expression.Key)
		case "DoesNotExist":
			add("!" + expression.Key)
		}
	}
	if text == "" {
		text = mesh.Exported + "=true"
	}
	return text
}
