package mesh

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
)

const longestHeader = 4096

// Header is the first thing said inside a connection between two proxies: what the bytes after it are for.
type Header struct {
	// Port of the pod that is dialled.
	Port int `json:"port,omitempty"`
	// Authority of an exported Service; a gateway is told this instead of a port.
	Authority string `json:"authority,omitempty"`
}

func WriteHeader(to io.Writer, header Header) error {
	text, err := json.Marshal(header)
	if err != nil {
		return err
	}
	_, err = to.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(text))), text...))
	return err
}

func ReadHeader(from io.Reader) (Header, error) {
	var length [2]byte
	if _, err := io.ReadFull(from, length[:]); err != nil {
		return Header{}, err
	}
	size := int(binary.BigEndian.Uint16(length[:]))
	if size > longestHeader {
		return Header{}, errors.New("header too long")
	}
	text := make([]byte, size)
	if _, err := io.ReadFull(from, text); err != nil {
		return Header{}, err
	}
	var header Header
	return header, json.Unmarshal(text, &header)
}
