// Package check answers `linkerd check` and `linkerd multicluster check` in the real one's shape.
package check

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

const (
	retryEvery = 500 * time.Millisecond
	hintBase   = "https://linkerd.io/2/checks/#"
)

// Category groups checks.
type Category struct {
	name   string
	checks []check
}

type check struct {
	description, anchor string
	// retry until the wait is over; warning does not fail; fatal ends everything after it.
	retry, warning, fatal bool
	probe                 func(context.Context) (note string, err error)
}

// errSkipped leaves a check out of the output.
var errSkipped = errors.New("skipped")

type result struct {
	Description string `json:"description"`
	Hint        string `json:"hint,omitempty"`
	Error       string `json:"error,omitempty"`
	Result      string `json:"result"`
}

type categoryResult struct {
	Name   string   `json:"categoryName"`
	Checks []result `json:"checks"`
}

type document struct {
	Success    bool             `json:"success"`
	Categories []categoryResult `json:"categories"`
}

// Run prints one document and says whether all has passed.
func Run(ctx context.Context, out io.Writer, wait time.Duration, categories []Category) bool {
	deadline := time.Now().Add(wait)
	printed := document{Success: true}
	stopped := false
	for _, category := range categories {
		if stopped {
			break
		}
		shown := categoryResult{Name: category.name, Checks: []result{}}
		for _, one := range category.checks {
			note, err := one.until(ctx, deadline)
			if errors.Is(err, errSkipped) {
				continue
			}
			judged := one.result(note, err)
			shown.Checks = append(shown.Checks, judged)
			if judged.Result == "error" {
				printed.Success = false
				if one.fatal {
					stopped = true
					break
				}
			}
		}
		printed.Categories = append(printed.Categories, shown)
	}
	text, err := json.MarshalIndent(printed, "", "  ")
	if err != nil {
		return false
	}
	fmt.Fprintf(out, "%s\n", text)
	return printed.Success
}

func (c check) until(ctx context.Context, deadline time.Time) (string, error) {
	for {
		note, err := c.probe(ctx)
		if err == nil || errors.Is(err, errSkipped) || !c.retry || time.Now().After(deadline) {
			return note, err
		}
		time.Sleep(retryEvery)
	}
}

func (c check) result(note string, err error) result {
	shown := result{Description: c.description, Result: "success"}
	if note != "" {
		shown.Description += "\n" + note
	}
	if err == nil {
		return shown
	}
	shown.Result, shown.Error, shown.Hint = "error", err.Error(), hintBase+c.anchor
	if c.warning {
		shown.Result = "warning"
	}
	return shown
}

func passes(description, anchor string) check {
	return simple(description, anchor, func(context.Context) error { return nil })
}

func simple(description, anchor string, probe func(context.Context) error) check {
	return check{description: description, anchor: anchor, probe: func(ctx context.Context) (string, error) { return "", probe(ctx) }}
}

func (c check) asFatal() check { c.fatal = true; return c }

func (c check) asWarning() check { c.warning = true; return c }

func (c check) retried() check { c.retry = true; return c }
