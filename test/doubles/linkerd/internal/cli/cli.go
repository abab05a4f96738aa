// Package cli is the linkerd command line, as far as leafspan uses it. What it does not know it refuses.
package cli

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"leafspan.test/linkerd/internal/version"
)

type command struct {
	words []string
	flags func(*flag.FlagSet) func(io.Writer) error
}

// errFailed ends with code 1 and no further words: the output has said it all.
var errFailed = errors.New("failed")

func commands() []command {
	return []command{
		{[]string{"version"}, versionCommand},
		{[]string{"install"}, installCommand},
		{[]string{"check"}, checkCommand},
		{[]string{"multicluster", "install"}, multiclusterInstallCommand},
		{[]string{"multicluster", "check"}, multiclusterCheckCommand},
		{[]string{"multicluster", "gateways"}, gatewaysCommand},
	}
}

// Run returns the exit code.
func Run(arguments []string) int {
	for _, known := range commands() {
		if !startsWith(arguments, known.words) {
			continue
		}
		name := "linkerd " + strings.Join(known.words, " ")
		flags := flag.NewFlagSet(name, flag.ContinueOnError)
		flags.SetOutput(io.Discard)
		run := known.flags(flags)
		err := flags.Parse(arguments[len(known.words):])
		if err == nil && flags.NArg() > 0 {
			err = fmt.Errorf("unknown argument %q", flags.Arg(0))
		}
		if err == nil {
			err = run(os.Stdout)
		}
		if err == nil {
			return 0
		}
		if !errors.Is(err, errFailed) {
			usage(name, flags, err)
		}
		return 1
	}
	fmt.Fprintf(os.Stderr, "Error: unknown command %q for \"linkerd\"\nRun 'linkerd --help' for usage.\n", strings.Join(arguments, " "))
	return 1
}

func startsWith(arguments, words []string) bool {
	if len(arguments) < len(words) {
		return false
	}
	for index, word := range words {
		if arguments[index] != word {
			return false
		}
	}
	return true
}

func usage(name string, flags *flag.FlagSet, err error) {
	text := strings.Replace(err.Error(), "flag provided but not defined: -", "unknown flag: --", 1)
	fmt.Fprintf(os.Stderr, "Error: %s\nUsage:\n  %s [flags]\n\nFlags:\n", text, name)
	flags.SetOutput(os.Stderr)
	flags.PrintDefaults()
}

func versionCommand(flags *flag.FlagSet) func(io.Writer) error {
	client := flags.Bool("client", false, "print the client version only")
	short := flags.Bool("short", false, "print the version number only")
	return func(out io.Writer) error {
		if !*client || !*short {
			return errors.New("the double knows version --client --short alone")
		}
		_, err := fmt.Fprintln(out, version.Version)
		return err
	}
}

func wantJSON(output string) error {
	if output != "json" {
		return fmt.Errorf("the double prints -o json alone, not %q", output)
	}
	return nil
}
