package main

import (
	"os"
	"path/filepath"
	"strings"

	"k8s.io/component-base/cli"
	kubectl "k8s.io/kubectl/pkg/cmd"
	kubectlutil "k8s.io/kubectl/pkg/cmd/util"
)

// runKubectl takes the server's kubeconfig unless another one is named, as K3s's kubectl does: a user who may not read it
// is not led to ~/.kube/config.
func runKubectl() int {
	if !namesKubeconfig() {
		file := serverKubeconfig()
		if _, err := os.Stat(file); err == nil {
			_ = os.Setenv("KUBECONFIG", file)
		}
		if opened, err := os.Open(file); os.IsPermission(err) {
			warnf("Unable to read %s, please start server with --write-kubeconfig-mode or --write-kubeconfig-group to modify kube config permissions", file)
		} else if err == nil {
			opened.Close()
		}
	}
	if err := cli.RunNoErrOutput(kubectl.NewDefaultKubectlCommand()); err != nil {
		// Prints the error as kubectl does, and exits with its code.
		kubectlutil.CheckErr(err)
	}
	return 0
}

func namesKubeconfig() bool {
	for _, argument := range os.Args {
		if strings.HasPrefix(argument, "--kubeconfig") {
			return true
		}
	}
	return os.Getenv("KUBECONFIG") != ""
}

// serverKubeconfig is the one for all, or that of a server that this user runs.
func serverKubeconfig() string {
	if _, err := os.Stat(adminKubeconfig); err == nil {
		return adminKubeconfig
	}
	home, _ := os.UserHomeDir()
	return filepath.Join(home, ".kube", "k3s.yaml")
}
