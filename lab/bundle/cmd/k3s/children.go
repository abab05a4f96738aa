package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// children are the programs of this server. They die with it, also when it is killed: the kernel sends them
// PDEATHSIG when the thread that started them ends, so one locked thread starts them all and never ends.
type children struct {
	requests chan func()
	died     chan error
	running  []*child
}

type child struct {
	name string
	cmd  *exec.Cmd
	done chan struct{}
}

func newChildren() *children {
	c := &children{requests: make(chan func()), died: make(chan error, 16)}
	go func() {
		runtime.LockOSThread()
		for request := range c.requests {
			request()
		}
	}()
	return c
}

func (c *children) start(name, path string, environment []string, arguments ...string) error {
	cmd := exec.Command(path, arguments...)
	cmd.Args[0] = name
	// systemd is told by this process alone that the service is ready.
	cmd.Env = append(append(os.Environ(), "NOTIFY_SOCKET="), environment...)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	started := make(chan error)
	c.requests <- func() { started <- cmd.Start() }
	if err := <-started; err != nil {
		return fmt.Errorf("start %s: %w", name, err)
	}
	running := &child{name: name, cmd: cmd, done: make(chan struct{})}
	c.running = append(c.running, running)
	go func() {
		err := cmd.Wait()
		close(running.done)
		if err == nil {
			err = fmt.Errorf("exit code 0")
		}
		c.died <- fmt.Errorf("%s ended: %w", name, err)
	}()
	return nil
}

// stop ends children, last started first, and kills those that take longer than the limit: none of them has
// anything to lose. Pods and their shims are not children of this process and go on.
func (c *children) stop(limit time.Duration, chosen func(name string) bool) {
	deadline := time.After(limit)
	for i := len(c.running) - 1; i >= 0; i-- {
		if chosen(c.running[i].name) {
			_ = c.running[i].cmd.Process.Signal(syscall.SIGTERM)
		}
	}
	for _, running := range c.running {
		if !chosen(running.name) {
			continue
		}
		select {
		case <-running.done:
		case <-deadline:
			_ = running.cmd.Process.Kill()
			<-running.done
			deadline = time.After(0)
		}
	}
}
