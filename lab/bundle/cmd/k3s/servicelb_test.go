package main

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

func balancedService(uid string, port int32, holds bool) *corev1.Service {
	service := &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{UID: types.UID(uid)},
		Spec:       corev1.ServiceSpec{Type: corev1.ServiceTypeLoadBalancer, Ports: []corev1.ServicePort{{Protocol: corev1.ProtocolTCP, Port: port}}},
	}
	if holds {
		service.Status.LoadBalancer.Ingress = []corev1.LoadBalancerIngress{{IP: "10.0.0.37"}}
	}
	return service
}

func TestPortHasOneHolder(t *testing.T) {
	newcomer, holder, other := balancedService("a", 80, false), balancedService("b", 80, true), balancedService("c", 81, false)
	granted := grantPorts([]*corev1.Service{newcomer, holder, other})
	if granted[newcomer] || !granted[holder] || !granted[other] {
		t.Errorf("granted: newcomer %v, holder %v, other port %v", granted[newcomer], granted[holder], granted[other])
	}
}

func TestPortOfFormerBalancerIsFree(t *testing.T) {
	former, next := balancedService("a", 80, true), balancedService("b", 80, false)
	former.Spec.Type = corev1.ServiceTypeClusterIP
	if granted := grantPorts([]*corev1.Service{former, next}); granted[former] || !granted[next] {
		t.Errorf("granted: former %v, next %v", granted[former], granted[next])
	}
}
