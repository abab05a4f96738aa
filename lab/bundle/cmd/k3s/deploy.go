package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/dynamic"
)

//go:embed coredns.yaml
var coreDNSManifest string

// Set by the linker: the tag of the CoreDNS image in the bundle.
var coreDNSImage = "docker.io/rancher/mirrored-coredns-coredns:dev"

const (
	deployPeriod        = 2 * time.Second
	serviceAddressLimit = 15 * time.Second
)

// writePackagedManifests writes the parts that K3s brings along to server/manifests, from where they are applied. Of a
// part that is disabled the deployer sees the file gone, and deletes what it made from it.
func writePackagedManifests(config *serverConfig, upstream bool) error {
	for part, manifest := range map[string]string{"coredns": coreDNS(config, upstream), "local-storage": localStorageManifest} {
		path := config.server("manifests", part+".yaml")
		if config.disabled[part] {
			if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
				return err
			}
		} else if err := writeFile(path, []byte(manifest), 0o600); err != nil {
			return err
		}
	}
	return nil
}

func coreDNS(config *serverConfig, upstream bool) string {
	forward := "    # no forward: the host names no DNS server that pods could use"
	if upstream {
		forward = "    forward . /etc/resolv.conf"
	}
	return strings.NewReplacer(
		"%{CLUSTER_DNS}%", config.dnsIP, "%{CLUSTER_DOMAIN}%", config.clusterDomain, "%{COREDNS_IMAGE}%", coreDNSImage,
		"%{NODE_IP}%", config.nodeIP.String(), "%{NODE_NAME}%", config.nodeName, "%{FORWARD}%", forward,
	).Replace(coreDNSManifest)
}

// deployManifests applies what lies in server/manifests and follows changes. What is gone from there is deleted:
// the last state of each file is kept beside, so that this works over a restart too.
func deployManifests(ctx context.Context, config *serverConfig) {
	client, err := dynamic.NewForConfig(config.restConfig())
	if err != nil {
		logf("deploy: %v", err)
		return
	}
	awaitServiceAddress(ctx, config)
	deployer := &deployer{client: client, folder: config.server("manifests"), applied: config.server("manifests-applied"), seen: map[string]string{}}
	for ctx.Err() == nil {
		pause := deployPeriod
		if err := deployer.pass(ctx); err != nil {
			logf("deploy: %v", err)
			pause = 200 * time.Millisecond
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// awaitServiceAddress waits until the API answers at its Service's address. A CoreDNS that dials it before kube-proxy has
// its rules hangs in that dial for up to half a minute, and no name resolves meanwhile. Without kube-proxy the address may
// never answer.
func awaitServiceAddress(ctx context.Context, config *serverConfig) {
	limit, cancel := context.WithTimeout(ctx, serviceAddressLimit)
	defer cancel()
	address := net.JoinHostPort(config.kubernetesIP.String(), "443")
	for !config.disableKubeProxy && limit.Err() == nil {
		connection, err := (&net.Dialer{Timeout: 100 * time.Millisecond}).DialContext(limit, "tcp", address)
		if err == nil {
			_ = connection.Close()
			return
		}
		select {
		case <-limit.Done():
		case <-time.After(25 * time.Millisecond):
		}
	}
}

type deployer struct {
	client  dynamic.Interface
	folder  string
	applied string
	seen    map[string]string
}

func (d *deployer) pass(ctx context.Context) error {
	files, err := filepath.Glob(filepath.Join(d.folder, "*.y*ml"))
	if err != nil {
		return err
	}
	sort.Strings(files)
	var failures []error
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil || d.seen[file] == string(content) {
			continue
		}
		if _, err := os.Stat(file + ".skip"); err == nil {
			continue
		}
		if err := d.applyFile(ctx, file, content); err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", file, err))
			continue
		}
		d.seen[file] = string(content)
	}
	return errors.Join(append(failures, d.deleteGone(ctx))...)
}

func (d *deployer) applyFile(ctx context.Context, file string, content []byte) error {
	objects, err := decode(content)
	if err != nil {
		return err
	}
	for _, object := range objects {
		encoded, err := object.MarshalJSON()
		if err != nil {
			return err
		}
		force := true
		_, err = d.resource(object).Patch(ctx, object.GetName(), types.ApplyPatchType, encoded, metav1.PatchOptions{FieldManager: "deploy@k3s", Force: &force})
		if err != nil {
			return fmt.Errorf("%s %s: %w", object.GetKind(), object.GetName(), err)
		}
	}
	if err := os.MkdirAll(d.applied, 0o700); err != nil {
		return err
	}
	return writeFile(filepath.Join(d.applied, filepath.Base(file)), content, 0o600)
}

func (d *deployer) deleteGone(ctx context.Context) error {
	records, err := filepath.Glob(filepath.Join(d.applied, "*"))
	if err != nil {
		return err
	}
	for _, record := range records {
		file := filepath.Join(d.folder, filepath.Base(record))
		if _, err := os.Stat(file); !os.IsNotExist(err) {
			continue
		}
		content, err := os.ReadFile(record)
		if err != nil {
			return err
		}
		objects, err := decode(content)
		if err != nil {
			return err
		}
		for _, object := range objects {
			if err := d.resource(object).Delete(ctx, object.GetName(), metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
				return err
			}
		}
		delete(d.seen, file)
		if err := os.Remove(record); err != nil {
			return err
		}
	}
	return nil
}

// resource guesses the resource from the kind, which spares a discovery of the whole API at start.
func (d *deployer) resource(object *unstructured.Unstructured) dynamic.ResourceInterface {
	plural, _ := meta.UnsafeGuessKindToResource(object.GroupVersionKind())
	if object.GetNamespace() == "" {
		return d.client.Resource(plural)
	}
	return d.client.Resource(plural).Namespace(object.GetNamespace())
}

func decode(content []byte) ([]*unstructured.Unstructured, error) {
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(content), 4096)
	var objects []*unstructured.Unstructured
	for {
		object := &unstructured.Unstructured{}
		if err := decoder.Decode(&object.Object); errors.Is(err, io.EOF) {
			return objects, nil
		} else if err != nil {
			return nil, err
		}
		if object.GetKind() != "" {
			objects = append(objects, object)
		}
	}
}
