// Package engine runs nginx and has it take over a new configuration.
package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"leafspan.test/nginx/internal/conf"
)

const (
	program  = "/usr/sbin/nginx"
	patience = 60 * time.Second
	// Bit of CAP_NET_BIND_SERVICE: the real nginx's file has it, so it does not start where the container may not have it.
	netBindService = 10
)

type Engine struct {
	command *exec.Cmd
	done    chan error
	version int
}

// Version is what nginx calls itself.
func Version() (string, error) {
	if bounding, err := boundingSet(); err != nil || bounding&(1<<netBindService) == 0 {
		return "", errors.Join(fmt.Errorf("fork/exec %s: operation not permitted", program), err)
	}
	output, err := exec.Command(program, "-v").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s -v: %w: %s", program, err, output)
	}
	_, version, _ := strings.Cut(strings.TrimSpace(string(output)), "nginx/")
	return version, nil
}

func boundingSet() (uint64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(status), "CapBnd:")
	return strconv.ParseUint(strings.TrimSpace(strings.SplitN(rest, "\n", 2)[0]), 16, 64)
}

// Start removes the sockets of an earlier process, which nginx would take for another one that listens.
func Start(config conf.Config) (*Engine, error) {
	left, _ := filepath.Glob(conf.StateDir + "/*.sock")
	for _, socket := range left {
		_ = os.Remove(socket)
	}
	if err := write(config); err != nil {
		return nil, err
	}
	command := exec.Command(program, "-e", "stderr", "-c", conf.Directory+"/nginx.conf")
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	if err := command.Start(); err != nil {
		return nil, err
	}
	e := &Engine{command: command, done: make(chan error, 1), version: config.Version}
	go func() { e.done <- command.Wait() }()
	return e, nil
}

// Done tells that nginx has ended.
func (e *Engine) Done() <-chan error { return e.done }

// Apply writes the configuration, has nginx reload it and waits until a worker answers with its version.
func (e *Engine) Apply(config conf.Config) error {
	e.version++
	config.Version = e.version
	if err := write(config); err != nil {
		return err
	}
	if output, err := exec.Command(program, "-t", "-q", "-e", "stderr", "-c", conf.Directory+"/nginx.conf").CombinedOutput(); err != nil {
		return fmt.Errorf("reload failed: %s", output)
	}
	started := time.Now()
	if err := e.command.Process.Signal(syscall.SIGHUP); err != nil {
		return err
	}
	if err := e.answers(strconv.Itoa(e.version)); err != nil {
		return err
	}
	log.Printf("nginx runs configuration %d after %d ms", e.version, time.Since(started).Milliseconds())
	return nil
}

// Quit lets nginx finish its connections, as the real controller does: clients that stay keep it until the kubelet kills it.
func (e *Engine) Quit() {
	_ = e.command.Process.Signal(syscall.SIGQUIT)
	<-e.done
}

func (e *Engine) answers(version string) error {
	client := &http.Client{Timeout: time.Second, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", conf.VersionSocket)
		},
	}}
	seen := "nothing"
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(25 * time.Millisecond) {
		response, err := client.Get("http://config-version/configVersion")
		if err != nil {
			continue
		}
		text, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if seen = string(text); seen == version {
			return nil
		}
	}
	return fmt.Errorf("could not get expected version %s: nginx says %s", version, seen)
}

func write(config conf.Config) error {
	return os.WriteFile(conf.Directory+"/nginx.conf", []byte(config.Text()), 0o644)
}

// WriteSecret keeps a certificate with its key beside the configuration.
func WriteSecret(name string, certificate, key []byte) (string, error) {
	file := filepath.Join(conf.Directory, "secrets", name)
	text := append(append(append([]byte{}, certificate...), '\n'), key...)
	return file, os.WriteFile(file, text, 0o600)
}
