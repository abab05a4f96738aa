package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
)

// writeFile replaces a file as a whole: whoever reads it sees the old content or the new, never half of it.
func writeFile(path string, content []byte, mode fs.FileMode) error {
	if seen, err := os.ReadFile(path); err == nil && bytes.Equal(seen, content) {
		return os.Chmod(path, mode)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	partial, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-")
	if err != nil {
		return err
	}
	defer os.Remove(partial.Name())
	if _, err := partial.Write(content); err != nil {
		partial.Close()
		return err
	}
	if err := partial.Close(); err != nil {
		return err
	}
	if err := os.Chmod(partial.Name(), mode); err != nil {
		return err
	}
	return os.Rename(partial.Name(), path)
}
