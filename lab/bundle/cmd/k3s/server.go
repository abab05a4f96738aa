package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
	"k8s.io/client-go/kubernetes"
)

// The API server would wait for its clients' watches to end; nothing is lost if it does not.
const stopLimit = time.Second

func logf(format string, values ...any) {
	fmt.Fprintf(os.Stderr, "time=%q level=info msg=%q\n", time.Now().Format(time.RFC3339), fmt.Sprintf(format, values...))
}

func warnf(format string, values ...any) {
	fmt.Fprintf(os.Stderr, "time=%q level=warning msg=%q\n", time.Now().Format(time.RFC3339), fmt.Sprintf(format, values...))
}

func fatal(err error) int {
	fmt.Fprintf(os.Stderr, "time=%q level=fatal msg=%q\n", time.Now().Format(time.RFC3339), err.Error())
	return 1
}

func runServer(arguments []string) int {
	config, err := readServerConfig(arguments)
	if err != nil {
		return fatal(err)
	}
	if os.Geteuid() != 0 {
		return fatal(fmt.Errorf("must run as root"))
	}
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	logf("Starting k3s %s (%s)", version, commit)
	server := &server{config: config, children: newChildren()}
	failed := make(chan error, 1)
	go func() {
		if err := server.start(ctx); err != nil && ctx.Err() == nil {
			failed <- err
		}
	}()
	select {
	case <-ctx.Done():
	case err = <-failed:
	case err = <-server.children.died:
	}
	server.stop()
	if err != nil {
		return fatal(err)
	}
	return 0
}

type server struct {
	config   *serverConfig
	children *children
	etcd     *embed.Etcd
	self     string
}

// start brings everything up, side by side where nothing is waited for.
func (s *server) start(ctx context.Context) error {
	var err error
	if s.self, err = os.Executable(); err != nil {
		return err
	}
	if err := s.prepare(); err != nil {
		return err
	}
	runtimeUp := make(chan error, 1)
	go func() { runtimeUp <- startRuntime(s.config, s.children) }()
	etcd, endpoint, err := startEtcd(s.config)
	if err != nil {
		return err
	}
	s.etcd = etcd
	if err := s.startComponent("kube-apiserver", apiserverArguments(s.config, endpoint)); err != nil {
		return err
	}
	if err := <-runtimeUp; err != nil {
		return err
	}
	imported := make(chan struct{})
	go importImages(ctx, s.config, imported)
	client, err := kubernetes.NewForConfig(s.config.restConfig())
	if err != nil {
		return err
	}
	storage := newLocalStorage(ctx, s.config, client)
	if err := writeKubeconfig(s.config, s.config.kubeconfig, "client-admin", s.config.kubeconfigMode); err != nil {
		return err
	}
	go announce(ctx, client)
	if err := awaitAPI(ctx, client, "/api/v1/namespaces?limit=1"); err != nil {
		return err
	}
	<-imported
	if err := s.startClients(ctx, client); err != nil {
		return err
	}
	if !s.config.disabled["local-storage"] {
		go storage.Run(ctx)
	}
	return nil
}

// startClients starts what talks to the API server; the kubelet first, a node is ready when it says so.
func (s *server) startClients(ctx context.Context, client kubernetes.Interface) error {
	if err := s.startComponent("kubelet", kubeletArguments(s.config)); err != nil {
		return err
	}
	if err := s.startComponent("kube-controller-manager", controllerArguments(s.config)); err != nil {
		return err
	}
	if err := s.startComponent("kube-scheduler", schedulerArguments(s.config)); err != nil {
		return err
	}
	go initialiseNode(ctx, s.config, client)
	if err := awaitNodeAddress(ctx, client, s.config.nodeName); err != nil {
		return err
	}
	if err := s.startProxy(); err != nil {
		return err
	}
	if !s.config.disablePolicies {
		if err := enforceNetworkPolicies(ctx, s.config, client); err != nil {
			return err
		}
	}
	go deployManifests(ctx, s.config)
	if !s.config.disabled["servicelb"] {
		go balanceServices(ctx, s.config, client)
	}
	return nil
}

// announce says that the server is up as soon as its API server is, as K3s does: images, kubelet and node come later.
func announce(ctx context.Context, client kubernetes.Interface) {
	if err := awaitAPI(ctx, client, "/readyz"); err != nil {
		return
	}
	logf("k3s is up and running")
	notifyReady()
}

func (s *server) startProxy() error {
	if s.config.disableKubeProxy {
		return nil
	}
	return s.startComponent("kube-proxy", proxyArguments(s.config))
}

func (s *server) startComponent(name string, arguments []string) error {
	// Less frequent garbage collection: starting is where the time goes.
	return s.children.start(name, s.self, []string{"GOGC=300"}, arguments...)
}

// stop ends the API's clients before the API and the API before etcd, which it would else wait for.
func (s *server) stop() {
	logf("Stopping; pods go on")
	s.children.stop(stopLimit, func(name string) bool { return name != "containerd" })
	if s.etcd != nil {
		s.etcd.Close()
	}
	s.children.stop(stopLimit, func(name string) bool { return name == "containerd" })
}

func (s *server) prepare() error {
	config := s.config
	for folder, mode := range map[string]os.FileMode{config.server("tls"): 0o700, config.server("manifests"): 0o700, config.agent("images"): 0o755, config.agent("pod-manifests"): 0o700, runDir: 0o711} {
		if err := os.MkdirAll(folder, mode); err != nil {
			return err
		}
	}
	prepareKernel()
	if err := ensureCertificates(config); err != nil {
		return fmt.Errorf("certificates: %w", err)
	}
	if err := ensureToken(config); err != nil {
		return fmt.Errorf("token: %w", err)
	}
	if err := ensureNodePassword(); err != nil {
		return err
	}
	for file, client := range map[string]string{"controller": "client-controller", "scheduler": "client-scheduler", "admin": "client-admin"} {
		if err := writeKubeconfig(config, config.server("cred", file+".kubeconfig"), client, 0o600); err != nil {
			return err
		}
	}
	for file, client := range map[string]string{"kubelet": "client-kubelet", "kubeproxy": "client-kube-proxy"} {
		if err := writeKubeconfig(config, config.agent(file+".kubeconfig"), client, 0o600); err != nil {
			return err
		}
	}
	resolvConf, upstream, err := podResolvConf(config)
	if err != nil {
		return err
	}
	if err := writeComponentConfigs(config, resolvConf); err != nil {
		return err
	}
	if err := ensureEncryption(config); err != nil {
		return fmt.Errorf("secrets encryption: %w", err)
	}
	return writePackagedManifests(config, upstream)
}

// ensureToken keeps the token of an earlier start unless another one is given.
func ensureToken(config *serverConfig) error {
	path := config.server("token")
	if _, err := os.Stat(path); err == nil && config.token == "" {
		return nil
	}
	secret := config.token
	if secret == "" {
		secret = randomHex(16)
	}
	authority, err := os.ReadFile(config.tls("server-ca.crt"))
	if err != nil {
		return err
	}
	if !strings.HasPrefix(secret, "K10") {
		secret = fmt.Sprintf("K10%x::server:%s", sha256.Sum256(authority), secret)
	}
	if err := writeFile(path, []byte(secret+"\n"), 0o600); err != nil {
		return err
	}
	_ = os.Remove(config.server("node-token"))
	return os.Symlink(path, config.server("node-token"))
}

func ensureNodePassword() error {
	if _, err := os.Stat(nodePasswordFile); err == nil {
		return nil
	}
	return writeFile(nodePasswordFile, []byte(randomHex(16)+"\n"), 0o600)
}

func randomHex(size int) string {
	content := make([]byte, size)
	_, _ = rand.Read(content)
	return hex.EncodeToString(content)
}

func awaitAPI(ctx context.Context, client kubernetes.Interface, path string) error {
	for {
		attempt, cancel := context.WithTimeout(ctx, 5*time.Second)
		err := client.Discovery().RESTClient().Get().RequestURI(path).Do(attempt).Error()
		cancel()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(25 * time.Millisecond):
		}
	}
}
