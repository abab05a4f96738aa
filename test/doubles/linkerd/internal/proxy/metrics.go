package proxy

import (
	"fmt"
	"io"
	"sort"
	"strconv"
	"strings"
	"sync"

	"leafspan.test/linkerd/internal/mesh"
)

// Why a connection is not inside TLS, in the real proxy's words.
const (
	notProvided = `tls="no_identity",no_tls_reason="not_provided_by_service_discovery"`
	noRemoteTLS = `tls="no_identity",no_tls_reason="no_tls_from_remote"`
	loopback    = `tls="no_identity",no_tls_reason="loopback"`
)

// Metrics counts connections by their labels.
type Metrics struct {
	mutex sync.Mutex
	open  map[string]int
	total map[string]int
}

func NewMetrics() *Metrics { return &Metrics{open: map[string]int{}, total: map[string]int{}} }

// Opened counts a connection; the function that it returns counts its end.
func (m *Metrics) Opened(labels string) func() {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.open[labels]++
	m.total[labels]++
	return func() {
		m.mutex.Lock()
		defer m.mutex.Unlock()
		m.open[labels]--
	}
}

// Open is the number of connections now.
func (m *Metrics) Open() int {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	sum := 0
	for _, count := range m.open {
		sum += count
	}
	return sum
}

// Write prints all in Prometheus's text format.
func (m *Metrics) Write(to io.Writer) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	family(to, "tcp_open_total", "counter", "Total count of opened connections.", m.total)
	family(to, "tcp_open_connections", "gauge", "Number of currently-open connections.", m.open)
}

func family(to io.Writer, name, kind, help string, values map[string]int) {
	fmt.Fprintf(to, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
	labels := make([]string, 0, len(values))
	for label := range values {
		labels = append(labels, label)
	}
	sort.Strings(labels)
	for _, label := range labels {
		fmt.Fprintf(to, "%s{%s} %d\n", name, label, values[label])
	}
}

func acceptLabels(direction string, target address, tls, server string) string {
	text := fmt.Sprintf(`direction="%s",peer="src",%s,%s`, direction, targetLabels(target.String(), target.ip, target.port), tls)
	if direction == "inbound" {
		kind, group := "server", "policy.linkerd.io"
		if server == "" {
			kind, group, server = "default", "", "all-unauthenticated"
		}
		text += fmt.Sprintf(`,srv_group="%s",srv_kind="%s",srv_name="%s",srv_port="%d"`, group, kind, server, target.port)
	}
	return text
}

func clientLabels(client string) string { return fmt.Sprintf(`tls="true",client_id="%s"`, client) }

func dialLabels(authority string, endpoint mesh.Endpoint) string {
	ip, portText, _ := strings.Cut(endpoint.Address, ":")
	port, _ := strconv.Atoi(portText)
	tls := notProvided
	if endpoint.Identity != "" {
		tls = fmt.Sprintf(`tls="true",server_id="%s"`, endpoint.Identity)
	}
	text := fmt.Sprintf(`direction="outbound",peer="dst",authority="%s",%s,%s`, authority, targetLabels(endpoint.Address, ip, port), tls)
	for _, label := range endpoint.Labels {
		text += fmt.Sprintf(`,%s="%s"`, label.Name, label.Value)
	}
	return text
}

func targetLabels(target, ip string, port int) string {
	return fmt.Sprintf(`target_addr="%s",target_ip="%s",target_port="%d"`, target, ip, port)
}
