// Package trailer says how the programs are appended to the k3s executable:
// a zstd-compressed tar, then its size (8 bytes, big endian), its SHA-256 and a magic word.
package trailer

const (
	Magic = "leafspan-payload"
	Size  = 8 + 32 + len(Magic)
)
