// Command linkerd is the double's command line.
package main

import (
	"os"

	"leafspan.test/linkerd/internal/cli"
)

func main() { os.Exit(cli.Run(os.Args[1:])) }
