package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

func apiserverArguments(config *serverConfig, etcd string) []string {
	arguments := []string{
		"--etcd-servers=" + etcd,
		"--bind-address=" + config.flags.text("bind-address", "0.0.0.0"),
		"--secure-port=" + config.port,
		"--advertise-address=" + config.advertiseAddress,
		"--service-cluster-ip-range=" + config.serviceCIDR.String(),
		"--service-node-port-range=" + config.flags.text("service-node-port-range", "30000-32767"),
		"--tls-cert-file=" + config.tls("serving-kube-apiserver.crt"),
		"--tls-private-key-file=" + config.tls("serving-kube-apiserver.key"),
		"--client-ca-file=" + config.tls("client-ca.crt"),
		"--kubelet-client-certificate=" + config.tls("client-kube-apiserver.crt"),
		"--kubelet-client-key=" + config.tls("client-kube-apiserver.key"),
		"--kubelet-certificate-authority=" + config.tls("server-ca.crt"),
		"--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname",
		"--service-account-issuer=https://kubernetes.default.svc." + config.clusterDomain,
		"--service-account-key-file=" + config.tls("service.key"),
		"--service-account-signing-key-file=" + config.tls("service.key"),
		"--requestheader-client-ca-file=" + config.tls("request-header-ca.crt"),
		"--requestheader-allowed-names=system:auth-proxy",
		"--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--requestheader-group-headers=X-Remote-Group",
		"--requestheader-username-headers=X-Remote-User",
		"--proxy-client-cert-file=" + config.tls("client-auth-proxy.crt"),
		"--proxy-client-key-file=" + config.tls("client-auth-proxy.key"),
		"--authorization-mode=Node,RBAC",
		"--anonymous-auth=true",
		"--allow-privileged=true",
		"--profiling=false",
	}
	if config.encryptionEnabled() {
		arguments = append(arguments, "--encryption-provider-config="+config.encryptionFile())
	}
	return append(arguments, extraArguments(config, "kube-apiserver-arg")...)
}

func controllerArguments(config *serverConfig) []string {
	arguments := []string{
		"--kubeconfig=" + config.server("cred/controller.kubeconfig"),
		"--service-account-private-key-file=" + config.tls("service.key"),
		"--root-ca-file=" + config.tls("server-ca.crt"),
		"--cluster-signing-cert-file=" + config.tls("client-ca.crt"),
		"--cluster-signing-key-file=" + config.tls("client-ca.key"),
		"--use-service-account-credentials=false",
		"--allocate-node-cidrs=true",
		"--cluster-cidr=" + config.clusterCIDR.String(),
		"--bind-address=127.0.0.1",
		"--leader-elect=false",
		"--profiling=false",
	}
	return append(arguments, extraArguments(config, "kube-controller-manager-arg")...)
}

func schedulerArguments(config *serverConfig) []string {
	arguments := []string{
		"--kubeconfig=" + config.server("cred/scheduler.kubeconfig"),
		"--bind-address=127.0.0.1",
		"--leader-elect=false",
		"--profiling=false",
	}
	return append(arguments, extraArguments(config, "kube-scheduler-arg")...)
}

func kubeletArguments(config *serverConfig) []string {
	arguments := []string{
		"--config=" + config.agent("etc/kubelet.yaml"),
		"--kubeconfig=" + config.agent("kubelet.kubeconfig"),
		"--hostname-override=" + config.nodeName,
		"--node-ip=" + config.nodeIP.String(),
		// The server sets the node's addresses, as K3s's own cloud controller does: a kubelet knows of no external one.
		"--cloud-provider=external",
	}
	if labels := config.flags.items("node-label"); len(labels) > 0 {
		arguments = append(arguments, "--node-labels="+strings.Join(labels, ","))
	}
	if taints := config.flags.items("node-taint"); len(taints) > 0 {
		arguments = append(arguments, "--register-with-taints="+strings.Join(taints, ","))
	}
	return append(arguments, extraArguments(config, "kubelet-arg")...)
}

func proxyArguments(config *serverConfig) []string {
	arguments := []string{
		"--config=" + config.agent("etc/kube-proxy.yaml"),
		"--hostname-override=" + config.nodeName,
	}
	return append(arguments, extraArguments(config, "kube-proxy-arg")...)
}

// extraArguments are a component's own flags, given as `name=value` through one of the ...-arg flags.
func extraArguments(config *serverConfig, flag string) []string {
	var arguments []string
	for _, value := range config.flags[flag] {
		arguments = append(arguments, "--"+strings.TrimLeft(value, "-"))
	}
	return arguments
}

func writeComponentConfigs(config *serverConfig, resolvConf string) error {
	kubelet := map[string]any{
		"kind": "KubeletConfiguration", "apiVersion": "kubelet.config.k8s.io/v1beta1",
		"authentication": map[string]any{
			"anonymous": map[string]any{"enabled": false}, "webhook": map[string]any{"enabled": false},
			"x509": map[string]any{"clientCAFile": config.tls("client-ca.crt")},
		},
		"authorization": map[string]any{"mode": "AlwaysAllow"},
		"tlsCertFile":   config.agent("serving-kubelet.crt"), "tlsPrivateKeyFile": config.agent("serving-kubelet.key"),
		"cgroupDriver": "cgroupfs", "failSwapOn": false, "failCgroupV1": false,
		"clusterDNS": []string{config.dnsIP}, "clusterDomain": config.clusterDomain, "resolvConf": resolvConf,
		"containerRuntimeEndpoint": "unix://" + containerdSocket,
		// Quotas of the file system do not work in a container that poses as a host; its fill level is its own.
		"localStorageCapacityIsolation": false,
		"evictionHard":                  map[string]string{"nodefs.available": "5%", "imagefs.available": "5%"},
		"evictionMinimumReclaim":        map[string]string{"nodefs.available": "10%", "imagefs.available": "10%"},
		"serializeImagePulls":           false,
		"healthzBindAddress":            "127.0.0.1",
		"volumePluginDir":               config.agent("libexec/kubernetes/kubelet-plugins/volume/exec"),
		"staticPodPath":                 config.agent("pod-manifests"),
		"enableDebuggingHandlers":       true,
	}
	proxy := map[string]any{
		"kind": "KubeProxyConfiguration", "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
		"mode": "iptables", "clusterCIDR": config.clusterCIDR.String(),
		"clientConnection": map[string]any{"kubeconfig": config.agent("kubeproxy.kubeconfig")},
		// The connection tracking limits belong to the machine below.
		"conntrack": map[string]any{"maxPerCore": 0, "min": 0},
		"iptables":  map[string]any{"minSyncPeriod": "100ms"},
	}
	for file, content := range map[string]any{"etc/kubelet.yaml": kubelet, "etc/kube-proxy.yaml": proxy} {
		// JSON is YAML, and it keeps the order of keys stable.
		encoded, err := json.MarshalIndent(content, "", "  ")
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if err := writeFile(config.agent(file), append(encoded, '\n'), 0o600); err != nil {
			return err
		}
	}
	return nil
}
