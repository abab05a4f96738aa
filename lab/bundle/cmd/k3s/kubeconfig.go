package main

import (
	"io/fs"
	"os"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// writeKubeconfig writes an admin's or a component's way in: cluster, user and context are all named "default".
func writeKubeconfig(config *serverConfig, path, client string, mode fs.FileMode) error {
	var contents [3][]byte
	for i, name := range []string{"server-ca.crt", client + ".crt", client + ".key"} {
		content, err := os.ReadFile(config.tls(name))
		if err != nil {
			return err
		}
		contents[i] = content
	}
	kubeconfig := clientcmdapi.NewConfig()
	kubeconfig.Clusters["default"] = &clientcmdapi.Cluster{Server: config.localURL(), CertificateAuthorityData: contents[0]}
	kubeconfig.AuthInfos["default"] = &clientcmdapi.AuthInfo{ClientCertificateData: contents[1], ClientKeyData: contents[2]}
	kubeconfig.Contexts["default"] = &clientcmdapi.Context{Cluster: "default", AuthInfo: "default"}
	kubeconfig.CurrentContext = "default"
	content, err := clientcmd.Write(*kubeconfig)
	if err != nil {
		return err
	}
	return writeFile(path, content, mode)
}

func (config *serverConfig) localURL() string { return "https://127.0.0.1:" + config.port }

// restConfig is the server's own way to the API: as many requests as it likes, since it is alone.
func (config *serverConfig) restConfig() *rest.Config {
	return &rest.Config{
		Host:  config.localURL(),
		QPS:   -1,
		Burst: -1,
		TLSClientConfig: rest.TLSClientConfig{
			CAFile:   config.tls("server-ca.crt"),
			CertFile: config.tls("client-k3s-controller.crt"),
			KeyFile:  config.tls("client-k3s-controller.key"),
		},
	}
}
