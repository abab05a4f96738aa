// Package kube talks to the Kubernetes API by plain HTTPS and JSON.
package kube

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

const (
	serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount"

	JSON       = "application/json"
	MergePatch = "application/merge-patch+json"
)

// Client is one API server and the credentials for it.
type Client struct {
	Server string
	http   *http.Client
	token  func() string
}

// StatusError is an answer that is not a success.
type StatusError struct {
	Code    int
	Message string
}

func (e *StatusError) Error() string { return e.Message }

// IsNotFound tells an absent object from any other trouble.
func IsNotFound(err error) bool { return hasCode(err, http.StatusNotFound) }

// IsConflict is true when the object exists already, or has changed since it was read.
func IsConflict(err error) bool { return hasCode(err, http.StatusConflict) }

func hasCode(err error, code int) bool {
	var status *StatusError
	return errors.As(err, &status) && status.Code == code
}

// InCluster uses the pod's ServiceAccount.
func InCluster() (*Client, error) {
	ca, err := os.ReadFile(serviceAccountFolder + "/ca.crt")
	if err != nil {
		return nil, err
	}
	server := "https://" + os.Getenv("KUBERNETES_SERVICE_HOST") + ":" + os.Getenv("KUBERNETES_SERVICE_PORT")
	// The kubelet renews the token, so it is read anew for each call.
	token := func() string {
		text, _ := os.ReadFile(serviceAccountFolder + "/token")
		return strings.TrimSpace(string(text))
	}
	return newClient(server, ca, nil, token)
}

func newClient(server string, ca []byte, certificate *tls.Certificate, token func() string) (*Client, error) {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		return nil, errors.New("no certificate authority for the API server")
	}
	config := &tls.Config{RootCAs: roots}
	if certificate != nil {
		config.Certificates = []tls.Certificate{*certificate}
	}
	transport := &http.Transport{TLSClientConfig: config, ResponseHeaderTimeout: 15 * time.Second, TLSHandshakeTimeout: 10 * time.Second, MaxIdleConnsPerHost: 8, IdleConnTimeout: 60 * time.Second}
	return &Client{Server: strings.TrimSuffix(server, "/"), http: &http.Client{Transport: transport}, token: token}, nil
}

func (c *Client) send(ctx context.Context, method, path, contentType string, body io.Reader) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.Server+path, body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", JSON)
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	if c.token != nil {
		request.Header.Set("Authorization", "Bearer "+c.token())
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode < 300 {
		return response, nil
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	var status struct{ Message string }
	if json.Unmarshal(text, &status) != nil || status.Message == "" {
		status.Message = fmt.Sprintf("%s %s: %s", method, path, response.Status)
	}
	return nil, &StatusError{Code: response.StatusCode, Message: status.Message}
}

func (c *Client) do(ctx context.Context, method, path, contentType string, body, out any) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	var reader io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		reader = bytes.NewReader(text)
	}
	response, err := c.send(ctx, method, path, contentType, reader)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if out == nil {
		_, err = io.Copy(io.Discard, response.Body)
		return err
	}
	if text, ok := out.(*[]byte); ok {
		*text, err = io.ReadAll(response.Body)
		return err
	}
	return json.NewDecoder(response.Body).Decode(out)
}

// Get reads JSON into out, or the bare answer if out is a *[]byte.
func (c *Client) Get(ctx context.Context, path string, out any) error {
	return c.do(ctx, http.MethodGet, path, "", nil, out)
}

func (c *Client) Create(ctx context.Context, path string, object, out any) error {
	return c.do(ctx, http.MethodPost, path, JSON, object, out)
}

func (c *Client) Update(ctx context.Context, path string, object any) error {
	return c.do(ctx, http.MethodPut, path, JSON, object, nil)
}

func (c *Client) Merge(ctx context.Context, path string, patch any) error {
	return c.do(ctx, http.MethodPatch, path, MergePatch, patch, nil)
}

func (c *Client) Delete(ctx context.Context, path string) error {
	return c.do(ctx, http.MethodDelete, path, "", nil, nil)
}
