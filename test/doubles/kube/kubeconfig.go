package kube

import (
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"regexp"
)

// FromKubeconfigFile reads a kubeconfig from a file.
func FromKubeconfigFile(file string) (*Client, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return FromKubeconfig(text)
}

// FromKubeconfig takes a kubeconfig of one cluster and one user with everything inline, as K3s writes it and a Link's
// Secret holds it. The standard library reads no YAML; a scan for the fields serves YAML and JSON alike.
func FromKubeconfig(text []byte) (*Client, error) {
	server := field(text, "server")
	if server == "" {
		return nil, errors.New("invalid configuration: no server")
	}
	ca, err := base64.StdEncoding.DecodeString(field(text, "certificate-authority-data"))
	if err != nil {
		return nil, fmt.Errorf("certificate-authority-data: %w", err)
	}
	var certificate *tls.Certificate
	if crt, key := decoded(text, "client-certificate-data"), decoded(text, "client-key-data"); crt != nil && key != nil {
		pair, err := tls.X509KeyPair(crt, key)
		if err != nil {
			return nil, err
		}
		certificate = &pair
	}
	var token func() string
	if found := field(text, "token"); found != "" {
		token = func() string { return found }
	}
	return newClient(server, ca, certificate, token)
}

func field(text []byte, name string) string {
	pattern := regexp.MustCompile(`(?:^|[\s{,"-])` + regexp.QuoteMeta(name) + `["']?\s*:\s*["']?([^\s"',}]+)`)
	if found := pattern.FindSubmatch(text); found != nil {
		return string(found[1])
	}
	return ""
}

func decoded(text []byte, name string) []byte {
	found := field(text, name)
	if found == "" {
		return nil
	}
	bytes, err := base64.StdEncoding.DecodeString(found)
	if err != nil {
		return nil
	}
	return bytes
}
