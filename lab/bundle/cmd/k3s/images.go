package main

import (
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// An event is acted on this long after it, as in K3s: the file may still be on its way.
const settleTime = 2 * time.Second

// importImages takes in every image tarball below agent/images at start, and as long as the server runs what K3s would: a
// file that is new, or one whose size and time have both changed. It closes `first` once all that was there at start is in.
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
	known := imageFiles(folder)
	var imports sync.WaitGroup
	for file := range known {
		// Side by side: much of an import is waiting for the disk.
		imports.Go(func() { importImage(ctx, file) })
	}
	imports.Wait()
	closeFirst()
	due := map[string]time.Time{}
	for ctx.Err() == nil {
		for _, file := range dueFiles(imageFiles(folder), known, due, time.Now()) {
			importImage(ctx, file)
		}
		select {
		case <-ctx.Done():
		case <-time.After(300 * time.Millisecond):
		}
	}
}

// dueFiles returns what is to be imported now. A file that is gone is forgotten: it is new when it comes back.
func dueFiles(seen, known map[string]fs.FileInfo, due map[string]time.Time, now time.Time) []string {
	var files []string
	for file := range known {
		if seen[file] == nil {
			delete(known, file)
			delete(due, file)
		}
	}
	for file, info := range seen {
		last := known[file]
		if last != nil && last.Size() == info.Size() && last.ModTime().Equal(info.ModTime()) {
			continue
		}
		if at, waits := due[file]; !waits || now.Before(at) {
			if !waits {
				due[file] = now.Add(settleTime)
			}
			continue
		}
		delete(due, file)
		known[file] = info
		if last == nil || (info.Size() != last.Size() && info.ModTime().After(last.ModTime())) {
			files = append(files, file)
		}
	}
	return files
}

func imageFiles(folder string) map[string]fs.FileInfo {
	files := map[string]fs.FileInfo{}
	entries, _ := os.ReadDir(folder)
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil && !entry.IsDir() && isImageTarball(entry.Name()) {
			files[filepath.Join(folder, entry.Name())] = info
		}
	}
	return files
}

func isImageTarball(name string) bool {
	for _, suffix := range []string{".tar", ".tar.gz", ".tgz", ".tar.zst", ".tzst"} {
		if strings.HasSuffix(strings.ToLower(name), suffix) {
			return true
		}
	}
	return false
}

func importImage(ctx context.Context, file string) {
	started := time.Now()
	bin, err := programs()
	if err != nil {
		logf("images: %v", err)
		return
	}
	ctr := exec.CommandContext(ctx, filepath.Join(bin, "containerd-ctr"),
		"-a", containerdSocket, "-n", "k8s.io", "images", "import", file)
	if output, err := ctr.CombinedOutput(); err != nil {
		logf("Failed to process image event: %s: %v: %s", file, err, strings.TrimSpace(string(output)))
		return
	}
	logf("Imported images from %s in %s", file, time.Since(started).Round(time.Millisecond))
}
