package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v2"
)

// readConfigFiles merges config.yaml and what lies in config.yaml.d, by name: a later file's value replaces an earlier
// one, lists included, unless its key ends in "+". A key that is not a flag is left out with a warning.
func readConfigFiles(main string) (flagValues, error) {
	files, err := dropIns(main + ".d")
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(main); err == nil {
		files = append([]string{main}, files...)
	} else if !os.IsNotExist(err) {
		return nil, err
	}
	values := flagValues{}
	for _, file := range files {
		if err := mergeConfigFile(values, file); err != nil {
			return nil, err
		}
	}
	for name := range values {
		if _, known := knownFlags[name]; !known {
			warnf("Unknown flag --%s found in config.yaml, skipping", name)
			delete(values, name)
		}
	}
	return values, nil
}

func dropIns(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if os.IsNotExist(err) {
		return nil, nil
	}
	var files []string
	for _, entry := range entries {
		if suffix := strings.ToLower(filepath.Ext(entry.Name())); !entry.IsDir() && (suffix == ".yaml" || suffix == ".yml") {
			files = append(files, filepath.Join(folder, entry.Name()))
		}
	}
	return files, err
}

func mergeConfigFile(values flagValues, file string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var parsed yaml.MapSlice
	if err := yaml.Unmarshal(content, &parsed); err != nil {
		return err
	}
	for _, item := range parsed {
		key := strings.Join(asTexts(item.Key), "")
		name := strings.TrimSuffix(key, "+")
		if name == key {
			values[name] = nil
		}
		values[name] = append(slices.Clone(values[name]), asTexts(item.Value)...)
	}
	return nil
}
