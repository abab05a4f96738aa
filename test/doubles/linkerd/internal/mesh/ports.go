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
