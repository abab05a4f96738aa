// Command k3s is the lab's stand-in for K3s: K3s's own interface over the real Kubernetes components, one server per cluster.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// Set by the linker: what `k3s --version` prints.
var (
	version = "v0.0.0+dev"
	commit  = "dev"
)

func main() {
	name := filepath.Base(os.Args[0])
	if component, ok := components[name]; ok {
		// ps and the journal show comm: without this all children would be called "k3s".
		_ = os.WriteFile("/proc/self/comm", []byte(name), 0o644)
		os.Exit(component())
	}
	if tool, ok := tools[name]; ok {
		os.Exit(tool())
	}
	if len(os.Args) < 2 {
		printUsage()
		os.Exit(0)
	}
	command, arguments := os.Args[1], os.Args[2:]
	if tool, ok := tools[command]; ok {
		os.Args = append([]string{command}, arguments...)
		os.Exit(tool())
	}
	os.Exit(runCommand(command, arguments))
}

func runCommand(command string, arguments []string) int {
	switch command {
	case "server":
		return runServer(arguments)
	case "check-config":
		return runCheckConfig()
	case "secrets-encrypt":
		return runSecretsEncrypt(arguments)
	case "certificate":
		return runCertificate(arguments)
	case "agent":
		return refuse("this build of k3s runs servers only: one server is one cluster")
	case "--version", "-v", "version":
		fmt.Printf("k3s version %s (%s)\ngo version %s\n", version, commit, runtime.Version())
		return 0
	case "--help", "-h", "help":
		printUsage()
		return 0
	}
	printUsage()
	return refuse(fmt.Sprintf("no such command: %q", command))
}

func refuse(reason string) int {
	fmt.Fprintf(os.Stderr, "k3s: %s\n", reason)
	return 1
}

func printUsage() {
	fmt.Println(`usage: k3s COMMAND [arguments]

commands:
  server            run a cluster on this host
  kubectl           Kubernetes's command-line client
  ctr               containerd's command-line client
  crictl            images, ps, pods and info of the container runtime
  check-config      whether this host can run k3s
  secrets-encrypt   status of the encryption of Secrets at rest
  certificate       check: how long the certificates are good for
  --version         what this is`)
}
