package cli

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"leafspan.test/linkerd/internal/identity"
	"leafspan.test/linkerd/internal/render"
)

type list []string

func (l *list) String() string { return strings.Join(*l, ",") }

func (l *list) Set(value string) error {
	*l = append(*l, value)
	return nil
}

func installCommand(flags *flag.FlagSet) func(io.Writer) error {
	crds := flags.Bool("crds", false, "install Linkerd CRDs")
	ignoreCluster := flags.Bool("ignore-cluster", false, "ignore the current cluster")
	output := flags.String("o", "yaml", "output format")
	anchors := flags.String("identity-trust-anchors-file", "", "PEM file of the trust anchors")
	certificate := flags.String("identity-issuer-certificate-file", "", "PEM file of the issuer's certificate")
	key := flags.String("identity-issuer-key-file", "", "PEM file of the issuer's key")
	var sets list
	flags.Var(&sets, "set", "set a value")
	return func(out io.Writer) error {
		settings, err := readSets(sets)
		if err := errors.Join(wantJSON(*output), wantOffline(*ignoreCluster), err); err != nil {
			return err
		}
		if *crds {
			fmt.Fprintln(os.Stderr, "Rendering Linkerd CRDs...\nNext, run `linkerd install | kubectl apply -f -` to install the control plane.")
			return render.Print(out, render.CRDs())
		}
		material, err := readMaterial(*anchors, *certificate, *key)
		if err != nil {
			return err
		}
		objects, err := render.ControlPlane(material, settings)
		if err != nil {
			return err
		}
		return render.Print(out, objects)
	}
}

func wantOffline(ignoreCluster bool) error {
	if !ignoreCluster {
		return errors.New("the double renders with --ignore-cluster alone")
	}
	return nil
}

var additionalEnv = regexp.MustCompile(`^proxy\.additionalEnv\[\d+\]\.(name=LINKERD2_PROXY_OUTBOUND_CONNECT_EXP_BACKOFF_(MIN|MAX)|value=\d+m?s)$`)

// readSets takes "a=b" and "a=b,c=d". A heartbeat there is not, whether disabled or not, its proxies' probes never have a delay,
// and its proxies try to connect at once.
func readSets(sets list) (render.Settings, error) {
	settings := render.Settings{WebhookFailurePolicy: "Ignore"}
	for _, set := range strings.Split(sets.String(), ",") {
		if additionalEnv.MatchString(set) {
			continue
		}
		switch set {
		case "", "disableHeartBeat=true", "proxy.readinessProbe.initialDelaySeconds=0":
		case "webhookFailurePolicy=Ignore", "webhookFailurePolicy=Fail":
			_, settings.WebhookFailurePolicy, _ = strings.Cut(set, "=")
		default:
			return settings, fmt.Errorf("the double does not know --set %s", set)
		}
	}
	return settings, nil
}

func readMaterial(anchors, certificate, key string) (render.Material, error) {
	if anchors == "" || certificate == "" || key == "" {
		return render.Material{}, errors.New("a trust anchors file must be specified if other credentials are provided, and all three must be")
	}
	var material render.Material
	for _, part := range []struct {
		file string
		into *[]byte
	}{{anchors, &material.Anchors}, {certificate, &material.IssuerCertificate}, {key, &material.IssuerKey}} {
		text, err := os.ReadFile(part.file)
		if err != nil {
			return material, err
		}
		*part.into = text
	}
	if _, err := identity.ParseIssuer(material.IssuerCertificate, material.IssuerKey, material.Anchors); err != nil {
		return material, fmt.Errorf("failed to validate issuer credentials: %w", err)
	}
	return material, nil
}

func multiclusterInstallCommand(flags *flag.FlagSet) func(io.Writer) error {
	ignoreCluster := flags.Bool("ignore-cluster", false, "ignore the current cluster")
	output := flags.String("o", "yaml", "output format")
	file := flags.String("values", "", "file of values; the double reads JSON")
	return func(out io.Writer) error {
		if err := errors.Join(wantJSON(*output), wantOffline(*ignoreCluster)); err != nil {
			return err
		}
		values, err := readValues(*file)
		if err != nil {
			return err
		}
		return render.Print(out, render.Multicluster(values))
	}
}

func readValues(file string) (render.Values, error) {
	values := render.DefaultValues()
	if file == "" {
		return values, nil
	}
	text, err := os.Open(file)
	if err != nil {
		return values, err
	}
	defer text.Close()
	decoder := json.NewDecoder(text)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&values); err != nil {
		return values, fmt.Errorf("%s: %w", file, err)
	}
	if values.Gateway.ServiceType != "LoadBalancer" && values.Gateway.ServiceType != "NodePort" {
		return values, fmt.Errorf("gateway.serviceType: %q is neither LoadBalancer nor NodePort", values.Gateway.ServiceType)
	}
	for _, controller := range values.Controllers {
		if controller.Link.Ref.Name == "" {
			return values, errors.New("controllers[].link.ref.name is missing")
		}
	}
	return values, nil
}
