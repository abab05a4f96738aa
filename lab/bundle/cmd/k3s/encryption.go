package main

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

func (config *serverConfig) encryptionFile() string {
	return config.server("cred/encryption-config.json")
}

// encryptionEnabled holds for a cluster that was once started with it, also when the flag is gone: its Secrets could
// not be read otherwise.
func (config *serverConfig) encryptionEnabled() bool {
	_, err := os.Stat(config.encryptionFile())
	return err == nil
}

func ensureEncryption(config *serverConfig) error {
	if !config.secretsEncryption || config.encryptionEnabled() {
		return nil
	}
	secret := make([]byte, 32)
	_, _ = rand.Read(secret)
	key := map[string]any{"name": "aescbckey", "secret": base64.StdEncoding.EncodeToString(secret)}
	content, err := json.Marshal(map[string]any{
		"kind": "EncryptionConfiguration", "apiVersion": "apiserver.config.k8s.io/v1",
		"resources": []any{map[string]any{
			"resources": []string{"secrets"},
			"providers": []any{
				map[string]any{"aescbc": map[string]any{"keys": []any{key}}},
				map[string]any{"identity": map[string]any{}},
			},
		}},
	})
	if err != nil {
		return err
	}
	return writeFile(config.encryptionFile(), content, 0o600)
}

func runSecretsEncrypt(arguments []string) int {
	if len(arguments) == 0 || arguments[0] != "status" {
		return refuse("usage: k3s secrets-encrypt status [--output json|text] [--data-dir FOLDER]")
	}
	config, asJSON := &serverConfig{layout: layout{defaultDataDir}}, false
	for i, argument := range arguments {
		next := strings.Join(arguments[min(i+1, len(arguments)):min(i+2, len(arguments))], "")
		asJSON = asJSON || argument == "--output=json" || ((argument == "--output" || argument == "-o") && next == "json")
		if argument == "--data-dir" {
			config.root = next
		}
	}
	if _, err := os.Stat(config.tls("server-ca.crt")); err != nil {
		return refuse("see server log for details: there is no server on this host")
	}
	enabled := config.encryptionEnabled()
	if asJSON {
		report := map[string]any{"Enable": enabled, "HashMatch": true, "Stage": "start"}
		if enabled {
			report["ActiveKey"] = "aescbckey"
		}
		_ = json.NewEncoder(os.Stdout).Encode(report)
		return 0
	}
	if !enabled {
		fmt.Println("Encryption Status: Disabled, no configuration file found")
		return 0
	}
	fmt.Println("Encryption Status: Enabled\nCurrent Rotation Stage: start\nServer Encryption Hashes: All hashes match")
	fmt.Println()
	fmt.Println("Active  Key Type  Name\n------  --------  ----\n *      AES-CBC   aescbckey")
	return 0
}
