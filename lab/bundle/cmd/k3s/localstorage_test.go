package main

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v11/controller"
)

// localPathClass is the StorageClass as the API server has it.
func localPathClass(t *testing.T) *storagev1.StorageClass {
	t.Helper()
	class := &storagev1.StorageClass{}
	if err := yaml.NewYAMLOrJSONDecoder(bytes.NewReader([]byte(localStorageManifest)), 4096).Decode(class); err != nil {
		t.Fatal(err)
	}
	return class
}

func claimed(t *testing.T) controller.ProvisionOptions {
	t.Helper()
	return controller.ProvisionOptions{
		StorageClass: localPathClass(t),
		PVName:       "pvc-0001",
		PVC: &corev1.PersistentVolumeClaim{
			ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "data"},
			Spec: corev1.PersistentVolumeClaimSpec{
				AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
				Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}},
			},
		},
		SelectedNode: &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "vm-a", Labels: map[string]string{hostnameLabel: "vm-a"}}},
	}
}

func modeOf(t *testing.T, path string) fs.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Perm()
}

func TestVolumeIsADirectoryOnTheNode(t *testing.T) {
	paths := &localPaths{root: filepath.Join(t.TempDir(), "k3s", "storage"), nodeName: "vm-a"}
	volume, _, err := paths.Provision(context.Background(), claimed(t))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(paths.root, "pvc-0001_shop_data")
	if volume.Spec.Local == nil || volume.Spec.Local.Path != path {
		t.Errorf("source: %+v", volume.Spec.PersistentVolumeSource)
	}
	if volume.Spec.PersistentVolumeReclaimPolicy != corev1.PersistentVolumeReclaimDelete {
		t.Errorf("reclaim policy: %s", volume.Spec.PersistentVolumeReclaimPolicy)
	}
	if size := volume.Spec.Capacity[corev1.ResourceStorage]; size.String() != "1Gi" {
		t.Errorf("capacity: %s", size.String())
	}
	if node, err := volumeNode(volume); err != nil || node != "vm-a" || volume.Annotations[nodeAnnotation] != "vm-a" {
		t.Errorf("node: %q, %v, annotations %v", node, err, volume.Annotations)
	}
	if above, own := modeOf(t, paths.root), modeOf(t, path); above != 0o700 || own != 0o777 {
		t.Errorf("modes: %o above %o", above, own)
	}
	if err := os.WriteFile(filepath.Join(path, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := paths.Delete(context.Background(), volume); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(paths.root); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

func TestVolumeTypeIsTheClaimsOrTheClasses(t *testing.T) {
	for name, test := range map[string]struct {
		change  func(*controller.ProvisionOptions)
		isLocal bool
	}{
		"K3s's class":             {func(*controller.ProvisionOptions) {}, true},
		"a class that names none": {func(options *controller.ProvisionOptions) { options.StorageClass.Annotations = nil }, false},
		"a claim that asks for another": {func(options *controller.ProvisionOptions) {
			options.PVC.Annotations = map[string]string{"volumeType": "HostPath"}
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			options := claimed(t)
			test.change(&options)
			volume, err := (&localPaths{root: "/srv/storage"}).volumeFor(options)
			if err != nil {
				t.Fatal(err)
			}
			if source := volume.Spec.PersistentVolumeSource; (source.Local != nil) != test.isLocal || (source.HostPath != nil) == test.isLocal {
				t.Errorf("source: %+v", source)
			}
		})
	}
}

func TestRefusesClaims(t *testing.T) {
	for name, change := range map[string]func(*controller.ProvisionOptions){
		"for many writers": func(options *controller.ProvisionOptions) {
			options.PVC.Spec.AccessModes = []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany}
		},
		"with a selector": func(options *controller.ProvisionOptions) { options.PVC.Spec.Selector = &metav1.LabelSelector{} },
		"without a node":  func(options *controller.ProvisionOptions) { options.SelectedNode = nil },
		"of an unknown type": func(options *controller.ProvisionOptions) {
			options.PVC.Annotations = map[string]string{"volumeType": "nfs"}
		},
		"for another path": func(options *controller.ProvisionOptions) {
			options.StorageClass.Parameters = map[string]string{"nodePath": "/mnt"}
		},
		"with a pattern of paths": func(options *controller.ProvisionOptions) {
			options.StorageClass.Parameters = map[string]string{"pathPattern": "x"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			options := claimed(t)
			change(&options)
			root := t.TempDir()
			if volume, _, err := (&localPaths{root: root}).Provision(context.Background(), options); err == nil {
				t.Errorf("made %v", volume)
			}
			if made, err := os.ReadDir(root); err != nil || len(made) > 0 {
				t.Errorf("made %v, %v", made, err)
			}
		})
	}
}

func TestDeletesNothingElse(t *testing.T) {
	kept := filepath.Join(t.TempDir(), "kept")
	if err := os.Mkdir(kept, 0o700); err != nil {
		t.Fatal(err)
	}
	paths := &localPaths{root: "/srv/storage", nodeName: "vm-a"}
	volumeAt := func(path, node string) *corev1.PersistentVolume {
		source, err := volumeSource("local", path)
		if err != nil {
			t.Fatal(err)
		}
		return &corev1.PersistentVolume{Spec: corev1.PersistentVolumeSpec{
			PersistentVolumeSource: source, NodeAffinity: onNode(&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: node}}),
		}}
	}
	if err := paths.Delete(context.Background(), volumeAt(kept, "vm-gone")); err != nil || modeOf(t, kept) != 0o700 {
		t.Errorf("of another node: %v", err)
	}
	for _, path := range []string{"", "/", "/nonesuch", "storage/volume"} {
		if err := paths.Delete(context.Background(), volumeAt(path, "vm-a")); err == nil {
			t.Errorf("%q was accepted", path)
		}
	}
	unbound := volumeAt(kept, "vm-a")
	unbound.Spec.NodeAffinity = nil
	if err := paths.Delete(context.Background(), unbound); err == nil || modeOf(t, kept) != 0o700 {
		t.Errorf("bound to no node: %v", err)
	}
}
