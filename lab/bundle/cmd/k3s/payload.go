package main

import (
	"archive/tar"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"github.com/klauspost/compress/zstd"

	"leafspan/lab/bundle/trailer"
)

// binaries returns the folder of containerd, runc, the shim and the CNI plugins, and extracts them if they are not there.
// The shims' command line carries this path: it is how the killall script knows them.
func binaries(dataDir string) (string, error) {
	executable, err := os.Open("/proc/self/exe")
	if err != nil {
		return "", err
	}
	defer executable.Close()
	payload, hash, err := openPayload(executable)
	if err != nil {
		return "", err
	}
	folder := filepath.Join(dataDir, "data", hash)
	bin := filepath.Join(folder, "bin")
	if _, err := os.Stat(bin); err == nil {
		return bin, nil
	}
	// Built aside and renamed: a server killed in the middle must not leave half a folder behind under the final name.
	partial := fmt.Sprintf("%s.partial-%d", folder, os.Getpid())
	defer os.RemoveAll(partial)
	if err := extract(payload, filepath.Join(partial, "bin")); err != nil {
		return "", fmt.Errorf("extract the binaries: %w", err)
	}
	if err := os.Rename(partial, folder); err != nil && !errors.Is(err, syscall.EEXIST) && !errors.Is(err, syscall.ENOTEMPTY) {
		return "", err
	}
	return bin, nil
}

func openPayload(executable *os.File) (io.Reader, string, error) {
	info, err := executable.Stat()
	if err != nil {
		return nil, "", err
	}
	end := make([]byte, trailer.Size)
	if _, err := executable.ReadAt(end, info.Size()-int64(trailer.Size)); err != nil {
		return nil, "", err
	}
	if string(end[trailer.Size-len(trailer.Magic):]) != trailer.Magic {
		return nil, "", errors.New("this executable carries no container runtime; build it with the lab's bundle")
	}
	size := int64(binary.BigEndian.Uint64(end[:8]))
	hash := hex.EncodeToString(end[8 : 8+32])
	return io.NewSectionReader(executable, info.Size()-int64(trailer.Size)-size, size), hash, nil
}

func extract(compressed io.Reader, folder string) error {
	plain, err := zstd.NewReader(compressed)
	if err != nil {
		return err
	}
	defer plain.Close()
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	archive := tar.NewReader(plain)
	for {
		entry, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := extractFile(archive, filepath.Join(folder, filepath.Base(entry.Name))); err != nil {
			return err
		}
	}
}

func extractFile(content io.Reader, path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o755)
	if err != nil {
		return err
	}
	if _, err := io.Copy(file, content); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}
