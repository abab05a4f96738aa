package main

import (
	"io/fs"
	"testing"
	"testing/fstest"
	"time"
)

func fileOf(t *testing.T, size int, changed time.Time) fs.FileInfo {
	t.Helper()
	info, err := fstest.MapFS{"f": {Data: make([]byte, size), ModTime: changed}}.Stat("f")
	if err != nil {
		t.Fatal(err)
	}
	return info
}

func TestImportsWhatK3sWouldImportWhileItRuns(t *testing.T) {
	now := time.Unix(1000, 0)
	before, after := now.Add(-time.Hour), now.Add(-time.Minute)
	for name, test := range map[string]struct {
		known, seen fs.FileInfo
		imported    bool
	}{
		"a new file":                             {nil, fileOf(t, 1, after), true},
		"a file that grew":                       {fileOf(t, 1, before), fileOf(t, 2, after), true},
		"a file of the same size":                {fileOf(t, 1, before), fileOf(t, 1, after), false},
		"a file that is older than the one seen": {fileOf(t, 1, after), fileOf(t, 2, before), false},
	} {
		t.Run(name, func(t *testing.T) {
			known, due := map[string]fs.FileInfo{}, map[string]time.Time{}
			if test.known != nil {
				known["f"] = test.known
			}
			seen := map[string]fs.FileInfo{"f": test.seen}
			if files := dueFiles(seen, known, due, now); len(files) > 0 {
				t.Error("was imported before it had settled")
			}
			if files := dueFiles(seen, known, due, now.Add(settleTime)); (len(files) == 1) != test.imported {
				t.Errorf("imported: %v", files)
			}
		})
	}
}
