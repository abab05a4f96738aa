package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v11/controller"
)

//go:embed local-storage.yaml
var localStorageManifest string

const (
	localPathProvisioner = "rancher.io/local-path"
	hostnameLabel        = "kubernetes.io/hostname"
	nodeAnnotation       = "local.path.provisioner/selected-node"
)

// newLocalStorage is the controller that K3s's local-path-provisioner is built on, with that one's settings. It must be
// made before anything talks to the API: it writes to the list of types that all clients read.
func newLocalStorage(ctx context.Context, config *serverConfig, client kubernetes.Interface) *controller.ProvisionController {
	return controller.NewProvisionController(ctx, client, localPathProvisioner,
		&localPaths{root: config.localStorage, nodeName: config.nodeName}, controller.LeaderElection(false))
}

// localPaths makes a directory per volume, itself, where local-path-provisioner starts a pod for that.
type localPaths struct{ root, nodeName string }

func (p *localPaths) Provision(_ context.Context, options controller.ProvisionOptions) (*corev1.PersistentVolume, controller.ProvisioningState, error) {
	volume, err := p.volumeFor(options)
	if err != nil {
		return nil, controller.ProvisioningFinished, err
	}
	if err := makeVolumeDirectory(volumePath(volume)); err != nil {
		return nil, controller.ProvisioningFinished, err
	}
	logf("local-path: made %s", volumePath(volume))
	return volume, controller.ProvisioningFinished, nil
}

func (p *localPaths) Delete(_ context.Context, volume *corev1.PersistentVolume) error {
	node, err := volumeNode(volume)
	if err != nil {
		return err
	}
	// There is one node: another one is gone, and its directories with it.
	if node != p.nodeName {
		return nil
	}
	path := volumePath(volume)
	if err := requireVolumePath(path); err != nil {
		return err
	}
	if err := os.RemoveAll(path); err != nil {
		return err
	}
	logf("local-path: deleted %s", path)
	return nil
}

func (p *localPaths) volumeFor(options controller.ProvisionOptions) (*corev1.PersistentVolume, error) {
	claim, class := options.PVC, options.StorageClass
	if claim.Spec.Selector != nil {
		return nil, errors.New("claim.Spec.Selector is not supported")
	}
	for _, mode := range claim.Spec.AccessModes {
		if mode != corev1.ReadWriteOnce && mode != corev1.ReadWriteOncePod {
			return nil, fmt.Errorf("only the access modes ReadWriteOnce and ReadWriteOncePod are supported, not %s", mode)
		}
	}
	if options.SelectedNode == nil {
		return nil, errors.New("no node was selected: the StorageClass must bind on WaitForFirstConsumer")
	}
	if err := p.requireKnown(class.Parameters); err != nil {
		return nil, err
	}
	path := filepath.Join(p.root, strings.Join([]string{options.PVName, claim.Namespace, claim.Name}, "_"))
	if err := requireVolumePath(path); err != nil {
		return nil, err
	}
	source, err := volumeSource(volumeType(class, claim), path)
	if err != nil {
		return nil, err
	}
	filesystem := corev1.PersistentVolumeFilesystem
	return &corev1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: options.PVName, Annotations: map[string]string{nodeAnnotation: options.SelectedNode.Name}},
		Spec: corev1.PersistentVolumeSpec{
			PersistentVolumeReclaimPolicy: *class.ReclaimPolicy,
			AccessModes:                   claim.Spec.AccessModes,
			VolumeMode:                    &filesystem,
			Capacity:                      corev1.ResourceList{corev1.ResourceStorage: claim.Spec.Resources.Requests[corev1.ResourceStorage]},
			PersistentVolumeSource:        source,
			NodeAffinity:                  onNode(options.SelectedNode),
		},
	}, nil
}

// requireKnown refuses what local-path-provisioner would act on and this does not.
func (p *localPaths) requireKnown(parameters map[string]string) error {
	for name, value := range parameters {
		if name != "nodePath" {
			return fmt.Errorf("this build of k3s does not take the parameter %q of a StorageClass", name)
		}
		if value != p.root {
			return fmt.Errorf("nodePath %s is not the configured path %s", value, p.root)
		}
	}
	return nil
}

func volumeType(class *storagev1.StorageClass, claim *corev1.PersistentVolumeClaim) string {
	kind := "hostPath"
	if wanted, ok := class.Annotations["defaultVolumeType"]; ok {
		kind = wanted
	}
	if wanted, ok := claim.Annotations["volumeType"]; ok {
		kind = wanted
	}
	return kind
}

func volumeSource(kind, path string) (corev1.PersistentVolumeSource, error) {
	switch strings.ToLower(kind) {
	case "local":
		return corev1.PersistentVolumeSource{Local: &corev1.LocalVolumeSource{Path: path}}, nil
	case "hostpath":
		create := corev1.HostPathDirectoryOrCreate
		return corev1.PersistentVolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: path, Type: &create}}, nil
	}
	return corev1.PersistentVolumeSource{}, fmt.Errorf("volume type %q is neither local nor hostPath", kind)
}

func onNode(node *corev1.Node) *corev1.VolumeNodeAffinity {
	name := node.Name
	if label, ok := node.Labels[hostnameLabel]; ok {
		name = label
	}
	return &corev1.VolumeNodeAffinity{Required: &corev1.NodeSelector{NodeSelectorTerms: []corev1.NodeSelectorTerm{{
		MatchExpressions: []corev1.NodeSelectorRequirement{{Key: hostnameLabel, Operator: corev1.NodeSelectorOpIn, Values: []string{name}}},
	}}}}
}

func volumeNode(volume *corev1.PersistentVolume) (string, error) {
	if affinity := volume.Spec.NodeAffinity; affinity != nil && affinity.Required != nil {
		for _, term := range affinity.Required.NodeSelectorTerms {
			at := slices.IndexFunc(term.MatchExpressions, func(expression corev1.NodeSelectorRequirement) bool {
				return expression.Key == hostnameLabel && expression.Operator == corev1.NodeSelectorOpIn && len(expression.Values) == 1
			})
			if at >= 0 {
				return term.MatchExpressions[at].Values[0], nil
			}
		}
	}
	return "", fmt.Errorf("volume %s is bound to no one node", volume.Name)
}

func volumePath(volume *corev1.PersistentVolume) string {
	if local := volume.Spec.Local; local != nil {
		return local.Path
	}
	if host := volume.Spec.HostPath; host != nil {
		return host.Path
	}
	return ""
}

// requireVolumePath refuses what local-path-provisioner refuses too: no path, one that is not absolute, and a directory in /.
func requireVolumePath(path string) error {
	if clean := filepath.Clean(path); !filepath.IsAbs(clean) || filepath.Dir(clean) == "/" {
		return fmt.Errorf("%q is no path of a volume", path)
	}
	return nil
}

// makeVolumeDirectory does what K3s's setup script for local-path-provisioner does: a pod of any user may write, and the
// directory above keeps the users of the host out.
func makeVolumeDirectory(path string) error {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return err
	}
	// MkdirAll's mode passes the umask.
	return errors.Join(os.Chmod(path, 0o777), os.Chmod(filepath.Dir(path), 0o700))
}
