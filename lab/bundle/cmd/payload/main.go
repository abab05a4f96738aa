// Command payload appends files to an executable, in the form that package trailer describes: payload EXECUTABLE FILE...
package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/zstd"

	"leafspan/lab/bundle/trailer"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: payload EXECUTABLE FILE...")
		os.Exit(2)
	}
	if err := appendPayload(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintf(os.Stderr, "payload: %v\n", err)
		os.Exit(1)
	}
}

func appendPayload(executable string, files []string) error {
	packed, err := pack(files)
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

func pack(files []string) ([]byte, error) {
	var packed bytes.Buffer
	compressed, err := zstd.NewWriter(&packed, zstd.WithEncoderLevel(zstd.SpeedBetterCompression))
	if err != nil {
		return nil, err
	}
	archive := tar.NewWriter(compressed)
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		header := tar.Header{Name: filepath.Base(file), Mode: 0o755, Size: int64(len(content))}
		if err := archive.WriteHeader(&header); err != nil {
			return nil, err
		}
		if _, err := archive.Write(content); err != nil {
			return nil, err
		}
	}
	if err := archive.Close(); err != nil {
		return nil, err
	}
	if err := compressed.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}
