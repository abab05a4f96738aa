package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// importImages takes in every image tarball below agent/images, at start and as long as the server runs. A file
// that could not be read is tried again when it changes: it may still have been on its way. It closes `first` once all
// that was there at start is in: a pod that starts before its image waits out a long back-off.
func importImages(ctx context.Context, config *serverConfig, first chan<- struct{}) {
	closeFirst := sync.OnceFunc(func() { close(first) })
	defer closeFirst()
	folder := config.agent("images")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		logf("images: %v", err)
		return
	}
	if err := awaitSocket(ctx, containerdSocket); err != nil {
		return
	}
	seen := map[string]string{}
	var imports sync.WaitGroup
	for ctx.Err() == nil {
		entries, _ := os.ReadDir(folder)
		for _, entry := range entries {
			info, err := entry.Info()
			if err != nil || !info.Mode().IsRegular() || !isImageTarball(entry.Name()) {
				continue
			}
			state := fmt.Sprint(info.Size(), info.ModTime().UnixNano())
			if seen[entry.Name()] == state {
				continue
			}
			seen[entry.Name()] = state
			file := filepath.Join(folder, entry.Name())
			// Side by side: much of an import is waiting for the disk.
			imports.Go(func() { importImage(ctx, config, file) })
		}
		imports.Wait()
		closeFirst()
		select {
		case <-ctx.Done():
		case <-time.After(300 * time.Millisecond):
		}
	}
}

func isImageTarball(name string) bool {
	if strings.HasPrefix(name, ".") {
		return false
	}
	for _, suffix := range []string{".tar", ".tar.gz", ".tgz", ".tar.zst"} {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	return false
}

func importImage(ctx context.Context, config *serverConfig, file string) {
	started := time.Now()
	ctr := exec.CommandContext(ctx, filepath.Join(config.root, "data/current/bin/ctr"),
		"-a", containerdSocket, "-n", "k8s.io", "images", "import", file)
	if output, err := ctr.CombinedOutput(); err != nil {
		logf("Failed to process image event: %s: %v: %s", file, err, strings.TrimSpace(string(output)))
		return
	}
	logf("Imported images from %s in %s", file, time.Since(started).Round(time.Millisecond))
}
