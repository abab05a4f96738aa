package main

import (
	"archive/tar"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"github.com/klauspost/compress/zstd"

	"leafspan/lab/bundle/trailer"
)

// unpacked returns the directory of this executable's programs. The system's own is looked at first, so a user without
// rights can run kubectl from it; what is missing goes into the data directory given, or into the user's own.
func unpacked(dataDir string) (string, error) {
	executable, err := os.Open("/proc/self/exe")
	if err != nil {
		return "", err
	}
	defer executable.Close()
	payload, hash, err := openPayload(executable)
	if err != nil {
		return "", err
	}
	if dataDir == "" {
		if dataDir, err = ownDataDir(); err != nil {
			return "", err
		}
	}
	for _, root := range []string{systemDataDir, dataDir} {
		folder := filepath.Join(root, "data", hash)
		if _, err := os.Stat(filepath.Join(folder, "bin", "k3s")); err == nil {
			return folder, nil
		}
	}
	return unpack(payload, filepath.Join(dataDir, "data"), hash)
}

func ownDataDir() (string, error) {
	if os.Getuid() == 0 {
		return systemDataDir, nil
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".rancher", "k3s"), err
}

// unpack lets one process at a time work, and renames at the end: a directory under its final name is whole.
func unpack(payload io.Reader, data, hash string) (string, error) {
	if err := os.MkdirAll(data, 0o755); err != nil {
		return "", err
	}
	lock, err := os.OpenFile(filepath.Join(data, ".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", err
	}
	folder := filepath.Join(data, hash)
	if _, err := os.Stat(folder); err == nil {
		return folder, nil
	}
	partial := folder + "-tmp"
	defer os.RemoveAll(partial)
	if err := os.RemoveAll(partial); err != nil {
		return "", err
	}
	if err := extract(payload, partial); err != nil {
		return "", err
	}
	if err := os.Rename(partial, folder); err != nil {
		return "", err
	}
	return folder, markCurrent(data, folder)
}

func markCurrent(data, folder string) error {
	current := filepath.Join(data, "current")
	if err := os.Rename(current, filepath.Join(data, "previous")); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return os.Symlink(folder, current)
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
		return nil, "", errors.New("this executable carries no programs; build it with the lab's bundle")
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
	archive := tar.NewReader(plain)
	for {
		entry, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := extractEntry(archive, entry, filepath.Join(folder, filepath.Clean("/"+entry.Name))); err != nil {
			return err
		}
	}
}

func extractEntry(content io.Reader, entry *tar.Header, path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if entry.Typeflag == tar.TypeSymlink {
		return os.Symlink(entry.Linkname, path)
	}
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
