package main

import (
	"fmt"
	"net/url"
	"os"

	"go.etcd.io/etcd/server/v3/embed"
	"go.etcd.io/etcd/server/v3/storage/wal"
)

// startEtcd runs etcd in this process: one program less to start. It answers on a socket in a folder that only
// root can enter, so it needs no certificates.
func startEtcd(config *serverConfig) (*embed.Etcd, string, error) {
	folder := config.server("db")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, "", err
	}
	// etcd allocates two of these ahead; 64 MiB each is a disk full of nothing on many lab hosts.
	wal.SegmentSizeBytes = 4 << 20
	clients := url.URL{Scheme: "unix", Path: folder + "/etcd.sock"}
	peers := url.URL{Scheme: "unix", Path: folder + "/peer.sock"}
	_ = os.Remove(clients.Path)
	_ = os.Remove(peers.Path)
	settings := embed.NewConfig()
	settings.Dir = folder + "/etcd"
	settings.ListenClientUrls = []url.URL{clients}
	settings.ListenPeerUrls = []url.URL{peers}
	// These must be a host and a port, and nobody dials them: it has no peers, and its client knows the socket.
	settings.AdvertiseClientUrls = []url.URL{{Scheme: "http", Host: "127.0.0.1:2379"}}
	settings.AdvertisePeerUrls = []url.URL{{Scheme: "http", Host: "127.0.0.1:2380"}}
	settings.InitialCluster = settings.InitialClusterFromName(settings.Name)
	// A lab host that loses power loses its last writes: worth it, an fsync per write is most of etcd's time.
	settings.UnsafeNoFsync = true
	settings.TickMs, settings.ElectionMs = 20, 200
	settings.EnableGRPCGateway = false
	settings.AutoCompactionMode, settings.AutoCompactionRetention = "periodic", "5m"
	settings.LogLevel = "error"
	settings.LogOutputs = []string{"stderr"}
	etcd, err := embed.StartEtcd(settings)
	if err != nil {
		return nil, "", fmt.Errorf("start etcd: %w", err)
	}
	return etcd, clients.String(), nil
}
