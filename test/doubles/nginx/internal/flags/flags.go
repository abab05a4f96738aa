// Package flags reads the command line as the real controller 5.5.4 does: the same names, and an unknown one ends the program.
package flags

import (
	"errors"
	"flag"
	"fmt"
	"strings"
)

// Settings are the flags that the double acts on.
type Settings struct {
	ConfigMap           string
	GlobalConfiguration string
	IngressClass        string
	DefaultSecret       string
	Namespaces          []string
	SecretNamespaces    []string
	StatusPort          int // 0: stub_status is off
	ReadyPort           int // 0: nothing serves /nginx-ready
	IPv6                bool
	EmptyHosts          bool
}

// What the real controller knows and the double does not do: only the default is accepted.
var (
	unusedSwitches = map[string]bool{
		"health-status": false, "nginx-plus": false, "enable-app-protect": false, "enable-app-protect-dos": false,
		"app-protect-dos-debug": false, "enable-app-protect-ip-intelligence": false, "agent": false, "nginx-debug": false,
		"enable-config-safety": false, "enable-prometheus-metrics": false, "enable-service-insight": false,
		"enable-custom-resources": true, "enable-oidc": false, "enable-snippets": false, "enable-tls-passthrough": false,
		"enable-internal-routes": false, "enable-latency-metrics": false, "enable-cert-manager": false,
		"enable-external-dns": false, "ssl-dynamic-reload": true, "weight-changes-dynamic-reload": false,
		"enable-directive-autoadjust": false,
	}
	unusedTexts = map[string]string{
		"health-status-uri": "/nginx-health", "proxy": "", "watch-namespace-label": "", "mgmt-configmap": "",
		"app-protect-log-level": "fatal", "app-protect-enforcer-address": "127.0.0.1:50000",
		"agent-instance-group": "nginx-ingress-controller", "main-template-path": "", "ingress-template-path": "",
		"virtualserver-template-path": "", "transportserver-template-path": "", "ingresslink": "",
		"leader-election-lock-name": "nginx-ingress-leader-election", "nginx-status-allow-cidrs": "127.0.0.1,::1",
		"wildcard-tls-secret": "", "prometheus-tls-secret": "", "service-insight-tls-secret": "", "spire-agent-address": "",
	}
	unusedNumbers = map[string]int{
		"app-protect-dos-max-daemons": 0, "app-protect-dos-max-workers": 0, "app-protect-dos-memory": 0,
		"nginx-reload-timeout": 60000, "prometheus-metrics-listen-port": 9113, "service-insight-listen-port": 9114,
		"tls-passthrough-port": 443, "default-http-listener-port": 80, "default-https-listener-port": 443,
	}
)

// Parse reads the arguments; flag.CommandLine's way of ending the program is the real one's.
func Parse(arguments []string) (Settings, error) {
	set := flag.NewFlagSet("nginx-ingress", flag.ExitOnError)
	for name, otherwise := range unusedSwitches {
		set.Bool(name, otherwise, "")
	}
	for name, otherwise := range unusedTexts {
		set.String(name, otherwise, "")
	}
	for name, otherwise := range unusedNumbers {
		set.Int(name, otherwise, "")
	}
	configMap := set.String("nginx-configmaps", "", "namespace/name")
	global := set.String("global-configuration", "", "namespace/name")
	class := set.String("ingress-class", "nginx", "")
	defaultSecret := set.String("default-server-tls-secret", "", "namespace/name")
	namespaces := set.String("watch-namespace", "", "comma separated")
	secretNamespaces := set.String("watch-secret-namespace", "", "comma separated")
	status := set.Bool("nginx-status", true, "")
	statusPort := set.Int("nginx-status-port", 8080, "")
	ready := set.Bool("ready-status", true, "")
	readyPort := set.Int("ready-status-port", 8081, "")
	noIPv6 := set.Bool("disable-ipv6", false, "")
	emptyHosts := set.Bool("allow-empty-ingress-host", false, "")
	leader := set.Bool("enable-leader-election", true, "")
	telemetry := set.Bool("enable-telemetry-reporting", true, "")
	set.Bool("report-ingress-status", false, "")
	set.String("external-service", "", "")
	set.String("log-level", "info", "")
	set.String("log-format", "glog", "")
	if err := set.Parse(arguments); err != nil {
		return Settings{}, err
	}
	settings := Settings{ConfigMap: *configMap, GlobalConfiguration: *global, IngressClass: *class, DefaultSecret: *defaultSecret,
		Namespaces: strings.Split(*namespaces, ","), IPv6: !*noIPv6, EmptyHosts: *emptyHosts}
	settings.SecretNamespaces = settings.Namespaces
	if *secretNamespaces != "" {
		settings.SecretNamespaces = strings.Split(*secretNamespaces, ",")
	}
	if *status {
		settings.StatusPort = *statusPort
	}
	if *ready {
		settings.ReadyPort = *readyPort
	}
	return settings, errors.Join(check(set, settings), doubleOnly(set, *leader, *telemetry))
}

// check is what the real one refuses too.
func check(set *flag.FlagSet, settings Settings) error {
	for _, port := range []int{settings.StatusPort, settings.ReadyPort} {
		if port != 0 && (port < 1024 || port > 65535) {
			return fmt.Errorf("port outside of valid port range [1024 - 65535]: %d", port)
		}
	}
	for name, reference := range map[string]string{
		"nginx-configmaps": settings.ConfigMap, "global-configuration": settings.GlobalConfiguration, "default-server-tls-secret": settings.DefaultSecret,
	} {
		if reference != "" && strings.Count(reference, "/") != 1 {
			return fmt.Errorf("error parsing the %s argument: %q must follow the format <namespace>/<name>", name, reference)
		}
	}
	return nil
}

func doubleOnly(set *flag.FlagSet, leader, telemetry bool) error {
	var err error
	if leader {
		err = errors.New("the double has no leader election: pass -enable-leader-election=false")
	}
	if telemetry {
		err = errors.Join(err, errors.New("the real controller reports to its maker by default: pass -enable-telemetry-reporting=false"))
	}
	set.Visit(func(given *flag.Flag) {
		_, isSwitch := unusedSwitches[given.Name]
		_, isText := unusedTexts[given.Name]
		_, isNumber := unusedNumbers[given.Name]
		if (isSwitch || isText || isNumber) && given.Value.String() != given.DefValue {
			err = errors.Join(err, fmt.Errorf("the double does not do -%s=%s", given.Name, given.Value))
		}
	})
	return err
}
