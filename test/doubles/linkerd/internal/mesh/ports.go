package mesh

import (
	"strconv"
	"strings"
)

// HasPort looks a port up in a list such as "25,4222,8000-8080".
func HasPort(list string, port int) bool {
	for _, entry := range strings.Split(list, ",") {
		from, to, isRange := strings.Cut(strings.TrimSpace(entry), "-")
		low, err := strconv.Atoi(from)
		if err != nil {
			continue
		}
		high := low
		if isRange {
			if high, err = strconv.Atoi(to); err != nil {
				continue
			}
		}
		if low <= port && port <= high {
			return true
		}
	}
	return false
}

// PortsIn are all ports of such a list.
func PortsIn(list string) []uint16 {
	var ports []uint16
	for port := 1; port <= 65535; port++ {
		if HasPort(list, port) {
			ports = append(ports, uint16(port))
		}
	}
	return ports
}
