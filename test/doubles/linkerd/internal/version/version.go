// Package version names what the double says it is.
package version

const (
	// Version stands wherever the real Linkerd has its edge release.
	Version = "edge-26.8.3-double"
	// CreatedBy marks every object that the double's command line renders.
	CreatedBy = "linkerd/cli " + Version + " (double)"
	// CreatedByAnnotation is where both the real one and the double put it.
	CreatedByAnnotation = "linkerd.io/created-by"

	ControllerImage = "cr.l5d.io/linkerd/controller:" + Version
	// PauseImage has the real one's name; what is in it is the double's.
	PauseImage = "registry.k8s.io/pause:3.2"
	ProxyImage = "cr.l5d.io/linkerd/proxy:" + Version
)
