package cli

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"time"

	"leafspan.test/kube"
	"leafspan.test/linkerd/internal/check"
	"leafspan.test/linkerd/internal/mesh"
)

const defaultWait = 5 * time.Minute

type checkFlags struct {
	kubeconfig, expected, output *string
	wait                         *time.Duration
}

func newCheckFlags(flags *flag.FlagSet) checkFlags {
	return checkFlags{
		kubeconfig: flags.String("kubeconfig", "/etc/rancher/k3s/k3s.yaml", "path to the kubeconfig"),
		output:     flags.String("o", "table", "output format"),
		wait:       flags.Duration("wait", defaultWait, "how long to wait for checks to pass"),
	}
}

// checkCommand prints a second document when the extension is installed.
func checkCommand(flags *flag.FlagSet) func(io.Writer) error {
	asked := newCheckFlags(flags)
	asked.expected = flags.String("expected-version", "", "version that is thought the newest")
	return func(out io.Writer) error {
		if err := wantJSON(*asked.output); err != nil {
			return err
		}
		ctx := context.Background()
		client, clientErr := kube.FromKubeconfigFile(*asked.kubeconfig)
		passed := check.Run(ctx, out, *asked.wait, check.ControlPlane(client, clientErr, *asked.expected))
		if clientErr == nil && hasExtension(ctx, client) {
			passed = check.Run(ctx, out, *asked.wait, check.Multicluster(client, nil)) && passed
		}
		return failedUnless(passed)
	}
}

func multiclusterCheckCommand(flags *flag.FlagSet) func(io.Writer) error {
	asked := newCheckFlags(flags)
	return func(out io.Writer) error {
		if err := wantJSON(*asked.output); err != nil {
			return err
		}
		client, clientErr := kube.FromKubeconfigFile(*asked.kubeconfig)
		return failedUnless(check.Run(context.Background(), out, *asked.wait, check.Multicluster(client, clientErr)))
	}
}

func failedUnless(passed bool) error {
	if !passed {
		return errFailed
	}
	return nil
}

func hasExtension(ctx context.Context, client *kube.Client) bool {
	var namespace kube.Namespace
	err := client.Get(ctx, "/api/v1/namespaces/"+mesh.MulticlusterNamespace, &namespace)
	return err == nil && namespace.Metadata.Labels["linkerd.io/extension"] != ""
}

func gatewaysCommand(flags *flag.FlagSet) func(io.Writer) error {
	kubeconfig := flags.String("kubeconfig", "/etc/rancher/k3s/k3s.yaml", "path to the kubeconfig")
	output := flags.String("o", "table", "output format")
	return func(out io.Writer) error {
		if err := wantJSON(*output); err != nil {
			return err
		}
		client, err := kube.FromKubeconfigFile(*kubeconfig)
		if err != nil {
			return err
		}
		found, err := check.Gateways(context.Background(), client)
		if err != nil {
			return errors.Join(errors.New("cannot list gateways"), err)
		}
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(found)
	}
}
