// Package netfilter writes a pod's redirect rules as nf_tables, by netlink, so that the image needs no iptables.
package netfilter

import (
	"bytes"
	"encoding/binary"
)

// Numbers of linux/netfilter/nfnetlink.h and nf_tables.h.
const (
	batchBegin = 0x10
	batchEnd   = 0x11
	subsystem  = 10 << 8

	newTable = subsystem | 0
	delTable = subsystem | 2
	newChain = subsystem | 3
	newRule  = subsystem | 6

	flagRequest = 0x1
	flagAck     = 0x4
	flagCreate  = 0x400
	flagAppend  = 0x800

	nested     = 0x8000
	familyIPv4 = 2
)

// batch is a series of messages that the kernel takes whole or not at all.
type batch struct {
	bytes.Buffer
	sequence uint32
	acks     int
}

func newBatch() *batch {
	b := &batch{}
	b.message(batchBegin, flagRequest, []byte{0, 0, 0, 10}, nil)
	return b
}

func (b *batch) change(kind uint16, flags uint16, attributes []byte) {
	b.message(kind, flagRequest|flagAck|flags, []byte{familyIPv4, 0, 0, 0}, attributes)
	b.acks++
}

func (b *batch) end() []byte {
	b.message(batchEnd, flagRequest, []byte{0, 0, 0, 10}, nil)
	return b.Bytes()
}

func (b *batch) message(kind, flags uint16, family, attributes []byte) {
	b.sequence++
	header := make([]byte, 16)
	binary.NativeEndian.PutUint32(header, uint32(16+len(family)+len(attributes)))
	binary.NativeEndian.PutUint16(header[4:], kind)
	binary.NativeEndian.PutUint16(header[6:], flags)
	binary.NativeEndian.PutUint32(header[8:], b.sequence)
	b.Write(header)
	b.Write(family)
	b.Write(attributes)
}

// attribute is one type-length-value, padded to four bytes.
func attribute(kind uint16, value []byte) []byte {
	encoded := make([]byte, 4, 4+len(value)+3)
	binary.NativeEndian.PutUint16(encoded, uint16(4+len(value)))
	binary.NativeEndian.PutUint16(encoded[2:], kind)
	encoded = append(encoded, value...)
	for len(encoded)%4 != 0 {
		encoded = append(encoded, 0)
	}
	return encoded
}

func nest(kind uint16, values ...[]byte) []byte {
	return attribute(kind|nested, bytes.Join(values, nil))
}

func name(kind uint16, text string) []byte { return attribute(kind, append([]byte(text), 0)) }

func number(kind uint16, value uint32) []byte {
	return attribute(kind, binary.BigEndian.AppendUint32(nil, value))
}

// native is a number as the kernel itself holds it, for comparing with what a packet carries.
func native(value uint32) []byte { return binary.NativeEndian.AppendUint32(nil, value) }

func port(value uint16) []byte { return binary.BigEndian.AppendUint16(nil, value) }
