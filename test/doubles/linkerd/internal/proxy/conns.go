package proxy

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// detectFor is how long a proxy waits for the client's first bytes before it lets the server speak first.
const detectFor = 10 * time.Second

const soOriginalDst = 80

// address is an IPv4 address and port, as metrics and lookups want them.
type address struct {
	ip   string
	port int
}

func (a address) String() string { return net.JoinHostPort(a.ip, strconv.Itoa(a.port)) }

// originalDestination is where the connection went before the redirect.
func originalDestination(conn *net.TCPConn) (address, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return address{}, err
	}
	var found address
	var failure error
	err = raw.Control(func(descriptor uintptr) {
		// The option's sockaddr_in fits into this struct's first sixteen bytes; the library offers no closer call.
		answer, err := syscall.GetsockoptIPv6Mreq(int(descriptor), syscall.SOL_IP, soOriginalDst)
		if err != nil {
			failure = err
			return
		}
		socket := answer.Multiaddr
		found = address{ip: net.IP(socket[4:8]).String(), port: int(binary.BigEndian.Uint16(socket[2:4]))}
	})
	return found, errors.Join(err, failure)
}

// peeked is a connection whose first bytes may have been looked at.
type peeked struct {
	*net.TCPConn
	buffer *bufio.Reader
}

func peekable(conn *net.TCPConn) *peeked {
	return &peeked{TCPConn: conn, buffer: bufio.NewReaderSize(conn, 1024)}
}

func (p *peeked) Read(into []byte) (int, error) { return p.buffer.Read(into) }

// WriteTo keeps io.Copy from reading past the buffer by the embedded connection's own.
func (p *peeked) WriteTo(to io.Writer) (int64, error) { return p.buffer.WriteTo(to) }

// firstByte waits for the client to speak. spoke is false if it stays silent.
func (p *peeked) firstByte(within time.Duration) (first byte, spoke bool, err error) {
	if err := p.SetReadDeadline(time.Now().Add(within)); err != nil {
		return 0, false, err
	}
	seen, err := p.buffer.Peek(1)
	if resetErr := p.SetReadDeadline(time.Time{}); resetErr != nil {
		return 0, false, resetErr
	}
	var timeout net.Error
	switch {
	case err == nil:
		return seen[0], true, nil
	case errors.As(err, &timeout) && timeout.Timeout():
		return 0, false, nil
	default:
		return 0, false, err
	}
}

// duplex can be closed for writing alone; TCP and TLS connections can.
type duplex interface {
	net.Conn
	CloseWrite() error
}

// splice carries bytes both ways until both sides have said all, or one fails.
func splice(a, b duplex) {
	var both sync.WaitGroup
	carry := func(to, from duplex) {
		defer both.Done()
		if _, err := io.Copy(to, from); err != nil {
			a.Close()
			b.Close()
			return
		}
		if err := to.CloseWrite(); err != nil {
			to.Close()
		}
	}
	both.Add(2)
	go carry(a, b)
	go carry(b, a)
	both.Wait()
	a.Close()
	b.Close()
}

// reset closes so that the other side sees a reset, not an end.
func reset(conn *net.TCPConn) {
	_ = conn.SetLinger(0)
	conn.Close()
}
