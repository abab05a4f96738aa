// Command launcher is what lies at /usr/local/bin/k3s. It carries the programs packed: like K3s's own executable it
// unpacks them into the data directory and becomes one of them, so no process of the server runs from the file here.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

const systemDataDir = "/var/lib/rancher/k3s"

// Set by the linker: what `k3s --version` prints.
var (
	version = "v0.0.0+dev"
	commit  = "dev"
)

func main() {
	err := run(filepath.Base(os.Args[0]), os.Args[1:])
	if err != nil {
		fmt.Fprintf(os.Stderr, "level=fatal msg=%q\n", err.Error())
		os.Exit(1)
	}
}

func run(name string, arguments []string) error {
	if isTool(name) {
		return become(name, append([]string{name}, arguments...), "")
	}
	if len(arguments) == 0 {
		return become("k3s", os.Args, "")
	}
	switch command := arguments[0]; {
	case command == "--version" || command == "-v":
		fmt.Printf("k3s version %s (%s)\ngo version %s\n", version, commit, runtime.Version())
		return nil
	case isTool(command):
		return become(command, arguments, "")
	}
	return become("k3s", os.Args, dataDirOf(arguments))
}

func isTool(name string) bool { return name == "kubectl" || name == "ctr" || name == "crictl" }

// become replaces this process: the server keeps the process id that systemd knows.
func become(program string, arguments []string, dataDir string) error {
	folder, err := unpacked(dataDir)
	if err != nil {
		return fmt.Errorf("extracting data: %w", err)
	}
	bin := filepath.Join(folder, "bin")
	path := strings.Join([]string{bin, os.Getenv("PATH"), filepath.Join(bin, "aux")}, ":")
	if err := os.Setenv("PATH", path); err != nil {
		return err
	}
	return syscall.Exec(filepath.Join(bin, program), arguments, os.Environ())
}

func dataDirOf(arguments []string) string {
	dataDir := os.Getenv("K3S_DATA_DIR")
	for i, argument := range arguments {
		switch name, value, given := strings.Cut(strings.TrimLeft(argument, "-"), "="); {
		case !strings.HasPrefix(argument, "-") || (name != "data-dir" && name != "d"):
		case given:
			dataDir = value
		case i+1 < len(arguments):
			dataDir = arguments[i+1]
		}
	}
	return dataDir
}
