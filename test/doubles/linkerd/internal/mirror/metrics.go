package mirror

import (
	"fmt"
	"net/http"
)

// WriteMetrics tells of the gateway in the real controller's names. Before the first probe there is nothing to tell.
func (c *Controller) WriteMetrics(answer http.ResponseWriter, _ *http.Request) {
	liveness := c.Liveness()
	if liveness == nil {
		return
	}
	probed, alive, latency := liveness.Report()
	if !probed {
		return
	}
	value := 0
	if alive {
		value = 1
	}
	fmt.Fprintf(answer, "gateway_alive{target_cluster_name=%q} %d\n", c.linkName, value)
	fmt.Fprintf(answer, "gateway_latency{target_cluster_name=%q} %d\n", c.linkName, latency.Milliseconds())
}
