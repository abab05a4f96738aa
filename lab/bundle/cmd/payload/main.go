// Command payload appends a directory to an executable, in the form that package trailer describes.
package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/zstd"

	"leafspan/lab/bundle/trailer"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: payload EXECUTABLE DIRECTORY")
		os.Exit(2)
	}
	if err := appendPayload(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintf(os.Stderr, "payload: %v\n", err)
		os.Exit(1)
	}
}

func appendPayload(executable, directory string) error {
	packed, err := pack(directory)
	if err != nil {
		return err
	}
	target, err := os.OpenFile(executable, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	hash := sha256.Sum256(packed)
	end := binary.BigEndian.AppendUint64(nil, uint64(len(packed)))
	end = append(append(end, hash[:]...), trailer.Magic...)
	if _, err := target.Write(append(packed, end...)); err != nil {
		target.Close()
		return err
	}
	return target.Close()
}

func pack(directory string) ([]byte, error) {
	var packed bytes.Buffer
	compressed, err := zstd.NewWriter(&packed, zstd.WithEncoderLevel(zstd.SpeedDefault))
	if err != nil {
		return nil, err
	}
	archive := tar.NewWriter(compressed)
	err = filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(directory, path)
		if err != nil {
			return err
		}
		return add(archive, name, path, entry)
	})
	if err != nil {
		return nil, err
	}
	if err := archive.Close(); err != nil {
		return nil, err
	}
	if err := compressed.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}

// add writes no times: the same programs have the same hash.
func add(archive *tar.Writer, name, path string, entry fs.DirEntry) error {
	if entry.Type() == fs.ModeSymlink {
		target, err := os.Readlink(path)
		if err != nil {
			return err
		}
		return archive.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeSymlink, Linkname: target})
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := archive.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(content))}); err != nil {
		return err
	}
	_, err = archive.Write(content)
	return err
}
