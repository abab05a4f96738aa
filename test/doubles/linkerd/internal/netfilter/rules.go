package netfilter

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"syscall"
)

const (
	table = "linkerd"

	hookPrerouting = 0
	hookOutput     = 3
	priorityNat    = -100

	metaIncomingInterface = 4
	metaOutgoingInterface = 5
	metaSocketUser        = 10
	metaProtocol          = 16

	verdictReturn = -5
	register      = 1
)

// Rules says what goes where.
type Rules struct {
	Inbound      uint16
	Outbound     uint16
	ProxyUser    uint32
	InboundSkips []uint16
}

// Install puts the rules into the network namespace it runs in, in place of those of an earlier start.
func Install(rules Rules) error {
	loopback, err := net.InterfaceByName("lo")
	if err != nil {
		return err
	}
	b := newBatch()
	b.change(newTable, flagCreate, name(1, table)) // so that there is one to delete
	b.change(delTable, 0, name(1, table))
	b.change(newTable, flagCreate, name(1, table))
	chain(b, "inbound", hookPrerouting)
	chain(b, "outbound", hookOutput)
	lo := native(uint32(loopback.Index))
	rule(b, "inbound", meta(metaIncomingInterface), equals(lo), giveBack())
	for _, skipped := range rules.InboundSkips {
		rule(b, "inbound", meta(metaProtocol), equals([]byte{syscall.IPPROTO_TCP}), destinationPort(), equals(port(skipped)), giveBack())
	}
	rule(b, "inbound", meta(metaProtocol), equals([]byte{syscall.IPPROTO_TCP}), load(port(rules.Inbound)), redirect())
	rule(b, "outbound", meta(metaSocketUser), equals(native(rules.ProxyUser)), giveBack())
	rule(b, "outbound", meta(metaOutgoingInterface), equals(lo), giveBack())
	rule(b, "outbound", meta(metaProtocol), equals([]byte{syscall.IPPROTO_TCP}), load(port(rules.Outbound)), redirect())
	return send(b)
}

func chain(b *batch, title string, hook uint32) {
	priority := int32(priorityNat)
	b.change(newChain, flagCreate, bytes.Join([][]byte{
		name(1, table), name(3, title), nest(4, number(1, hook), number(2, uint32(priority))), name(7, "nat"),
	}, nil))
}

func rule(b *batch, chain string, expressions ...[]byte) {
	b.change(newRule, flagCreate|flagAppend, bytes.Join([][]byte{name(1, table), name(2, chain), nest(4, expressions...)}, nil))
}

func expression(kind string, attributes ...[]byte) []byte {
	return nest(1, name(1, kind), nest(2, attributes...))
}

func meta(key uint32) []byte { return expression("meta", number(2, key), number(1, register)) }

func equals(value []byte) []byte {
	return expression("cmp", number(1, register), number(2, 0), nest(3, attribute(1, value)))
}

func destinationPort() []byte {
	return expression("payload", number(1, register), number(2, 2), number(3, 2), number(4, 2))
}

func load(value []byte) []byte {
	return expression("immediate", number(1, register), nest(2, attribute(1, value)))
}

func redirect() []byte { return expression("redir", number(1, register)) }

func giveBack() []byte {
	code := int32(verdictReturn)
	return expression("immediate", number(1, 0), nest(2, nest(2, number(1, uint32(code)))))
}

func send(b *batch) error {
	socket, err := syscall.Socket(syscall.AF_NETLINK, syscall.SOCK_RAW|syscall.SOCK_CLOEXEC, syscall.NETLINK_NETFILTER)
	if err != nil {
		return os.NewSyscallError("socket", err)
	}
	defer syscall.Close(socket)
	if err := syscall.SetsockoptTimeval(socket, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &syscall.Timeval{Sec: 5}); err != nil {
		return os.NewSyscallError("setsockopt", err)
	}
	if err := syscall.Sendto(socket, b.end(), 0, &syscall.SockaddrNetlink{Family: syscall.AF_NETLINK}); err != nil {
		return os.NewSyscallError("sendto", err)
	}
	buffer := make([]byte, 64<<10)
	for answered := 0; answered < b.acks; {
		length, _, err := syscall.Recvfrom(socket, buffer, 0)
		if err != nil {
			return os.NewSyscallError("recvfrom", err)
		}
		messages, err := syscall.ParseNetlinkMessage(buffer[:length])
		if err != nil {
			return err
		}
		for _, message := range messages {
			if message.Header.Type != syscall.NLMSG_ERROR || len(message.Data) < 4 {
				continue
			}
			answered++
			if code := int32(uint32(message.Data[0]) | uint32(message.Data[1])<<8 | uint32(message.Data[2])<<16 | uint32(message.Data[3])<<24); code != 0 {
				return fmt.Errorf("nf_tables refuses change %d: %w", message.Header.Seq-1, syscall.Errno(-code))
			}
		}
	}
	return nil
}
