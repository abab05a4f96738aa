package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"text/tabwriter"
	"time"
)

// runCheckConfig says whether this host can run the server, one line per thing needed.
func runCheckConfig() int {
	failures := 0
	report := func(what string, good bool, remedy string) {
		if good {
			fmt.Printf("- %s: good\n", what)
			return
		}
		failures++
		fmt.Printf("- %s: missing (fail): %s\n", what, remedy)
	}
	fmt.Println("System:")
	for _, program := range []string{"iptables", "iptables-save", "iptables-restore", "mount", "nsenter"} {
		_, err := exec.LookPath(program)
		report(program, err == nil, "install the package that brings it")
	}
	fmt.Println("Kernel:")
	filesystems, _ := os.ReadFile("/proc/filesystems")
	report("overlay file system", strings.Contains(string(filesystems), "\toverlay\n"), "modprobe overlay")
	_, err := os.Stat("/proc/sys/net/bridge/bridge-nf-call-iptables")
	report("bridge netfilter", err == nil, "modprobe br_netfilter")
	_, err = os.Stat("/proc/sys/net/netfilter/nf_conntrack_max")
	report("connection tracking", err == nil, "modprobe nf_conntrack")
	_, unified := os.Stat("/sys/fs/cgroup/cgroup.controllers")
	for _, controller := range []string{"cpu", "cpuset", "memory", "pids"} {
		good := unified == nil && strings.Contains(readText("/sys/fs/cgroup/cgroup.controllers"), controller)
		if unified != nil {
			_, err := os.Stat(filepath.Join("/sys/fs/cgroup", controller))
			good = err == nil
		}
		report("cgroup "+controller, good, "enable it on the kernel's command line")
	}
	if failures > 0 {
		fmt.Printf("\nSTATUS: %d (fail)\n", failures)
		return 1
	}
	fmt.Println("\nSTATUS: pass")
	return 0
}

func readText(path string) string {
	content, _ := os.ReadFile(path)
	return string(content)
}

// runCertificate lists how long each certificate is good for.
func runCertificate(arguments []string) int {
	if len(arguments) == 0 || arguments[0] != "check" {
		return refuse("usage: k3s certificate check [--output table]")
	}
	files, _ := filepath.Glob(layout{defaultDataDir}.tls("*.crt"))
	if len(files) == 0 {
		return refuse("there is no server on this host")
	}
	sort.Strings(files)
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "FILENAME\tSUBJECT\tUSAGES\tEXPIRES\tRESIDUAL TIME\tSTATUS")
	for _, file := range files {
		certificate, err := readCertificate(file)
		if err != nil {
			return refuse(err.Error())
		}
		usage := "ClientAuth"
		if certificate.IsCA {
			usage = "CertSign"
		} else if strings.HasPrefix(filepath.Base(file), "serving-") {
			usage = "ServerAuth"
		}
		left, status := time.Until(certificate.NotAfter), "OK"
		if left < renewBefore {
			status = "WARNING"
		}
		if left <= 0 {
			status = "EXPIRED"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%d days\t%s\n", filepath.Base(file), certificate.Subject, usage, certificate.NotAfter.UTC().Format("Jan 02, 2006 15:04 MST"), int(left.Hours()/24), status)
	}
	_ = table.Flush()
	return 0
}
