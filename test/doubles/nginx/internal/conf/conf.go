// Package conf writes nginx.conf from what the controller has found.
package conf

import (
	"strings"
	"text/template"
)

// Directory is where nginx, and what it is given, live in the image.
const (
	Directory = "/etc/nginx"
	StateDir  = "/var/lib/nginx"
	// Nothing listens there, so that a connection is accepted and closed at once, as with the real one.
	NoBackend     = "unix:" + StateDir + "/non-existing-unix-socket.sock"
	VersionSocket = StateDir + "/nginx-config-version.sock"
)

type Config struct {
	Version int
	// WorkerConnections: 0 is the default.
	WorkerConnections int
	StatusPort        int
	IPv6              bool
	// DefaultTLS is a file with certificate and key, or nothing: then a TLS handshake without another server is refused.
	DefaultTLS string
	Streams    []Stream
	Servers    []Server
}

type Upstream struct {
	Name      string
	Method    string
	Addresses []string
	Options   string
}

// Stream is a listener with the endpoints behind it.
type Stream struct {
	Upstreams      []Upstream
	IPv4, IPv6     string
	Port           int
	UDP            bool
	Pass           string
	Timeout        string
	ConnectTimeout string
}

// Server is one host of an Ingress; an empty one is the default server.
type Server struct {
	Host        string
	Allow, Deny []string
	// Return, when it is not 0, is all that the server says.
	Return    int
	TLS       string
	Locations []Location
	Upstreams []Upstream
}

type Location struct {
	Path string
	Pass string // empty: nothing is behind it
}

// HasDefault is true when an Ingress takes what has no host.
func (c Config) HasDefault() bool {
	for _, server := range c.Servers {
		if server.Host == "" {
			return true
		}
	}
	return false
}

func (c Config) Text() string {
	var text strings.Builder
	if err := page.Execute(&text, c); err != nil {
		panic(err) // the template and the struct are one
	}
	return text.String()
}

var page = template.Must(template.New("nginx.conf").Funcs(template.FuncMap{"list": func(items ...string) []string { return items }}).Parse(`# written by the double of the NGINX Ingress Controller
load_module /usr/lib/nginx/modules/ngx_stream_module.so;
worker_processes 1;
daemon off;
error_log stderr notice;
pid /var/lib/nginx/nginx.pid;
events { worker_connections {{or .WorkerConnections 1024}}; }
http {
	default_type application/octet-stream;
	access_log /dev/stdout;
	# The defaults of nginx 1.31; Debian's older one would offer a broker no TLS 1.3.
	ssl_protocols TLSv1.2 TLSv1.3;
	proxy_ssl_protocols TLSv1.2 TLSv1.3;
	{{- range list "client_body" "proxy" "fastcgi" "uwsgi" "scgi"}}
	{{.}}_temp_path /var/lib/nginx/{{.}};
	{{- end}}
	server { listen unix:/var/lib/nginx/nginx-config-version.sock; access_log off; location /configVersion { return 200 "{{.Version}}"; } }
	{{- if .StatusPort}}
	server { listen {{.StatusPort}}; {{if .IPv6}}listen [::]:{{.StatusPort}}; {{end}}allow 127.0.0.1; allow ::1; deny all; location /stub_status { stub_status; } }
	{{- end}}
	{{- if not .HasDefault}}
	server {
		listen 80 default_server;
		{{- if .IPv6}} listen [::]:80 default_server;{{end}}
		listen 443 ssl default_server;
		{{- if .IPv6}} listen [::]:443 ssl default_server;{{end}}
		{{- if .DefaultTLS}}
		ssl_certificate {{.DefaultTLS}};
		ssl_certificate_key {{.DefaultTLS}};
		{{- else}}
		ssl_reject_handshake on;
		{{- end}}
		server_name _;
		location / { return 404; }
	}
	{{- end}}
	{{- range $server := .Servers}}
	{{- template "upstreams" $server.Upstreams}}
	server {
		listen 80{{if not .Host}} default_server{{end}};
		{{- if $.IPv6}} listen [::]:80{{if not .Host}} default_server{{end}};{{end}}
		{{- if .TLS}}
		listen 443 ssl{{if not .Host}} default_server{{end}};
		{{- if $.IPv6}} listen [::]:443 ssl{{if not .Host}} default_server{{end}};{{end}}
		{{- if eq .TLS "reject"}}
		ssl_reject_handshake on;
		{{- else}}
		ssl_certificate {{.TLS}};
		ssl_certificate_key {{.TLS}};
		{{- end}}
		{{- end}}
		server_name {{if .Host}}{{.Host}}{{else}}_{{end}};
		{{- range .Allow}}
		allow {{.}};
		{{- end}}
		{{- if .Allow}}
		deny all;
		{{- end}}
		{{- range .Deny}}
		deny {{.}};
		{{- end}}
		{{- if .Return}}
		return {{.Return}};
		{{- end}}
		{{- if .TLS}}
		if ($scheme = http) { return 301 https://$host:443$request_uri; }
		{{- end}}
		{{- range .Locations}}
		location {{.Path}} {
			{{- if .Pass}}
			proxy_http_version 1.1;
			proxy_connect_timeout 60s;
			proxy_set_header Host $host;
			proxy_set_header X-Real-IP $remote_addr;
			proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
			proxy_set_header X-Forwarded-Proto $scheme;
			proxy_pass {{.Pass}};
			{{- else}}
			return 502;
			{{- end}}
		}
		{{- end}}
	}
	{{- end}}
}
stream {
	log_format stream-main '$remote_addr [$time_local] $protocol $status $bytes_sent $bytes_received $session_time';
	access_log /dev/stdout stream-main;
	{{- range .Streams}}
	{{- template "upstreams" .Upstreams}}
	server {
		listen {{if .IPv4}}{{.IPv4}}:{{end}}{{.Port}}{{if .UDP}} udp{{end}};
		{{- if $.IPv6}} listen [{{or .IPv6 "::"}}]:{{.Port}}{{if .UDP}} udp{{end}};{{end}}
		proxy_pass {{.Pass}};
		proxy_timeout {{.Timeout}};
		proxy_connect_timeout {{.ConnectTimeout}};
	}
	{{- end}}
}
{{define "upstreams"}}
	{{- range $upstream := .}}
	upstream {{.Name}} {
		zone {{.Name}} 512k;
		{{- if .Method}}
		{{.Method}};
		{{- end}}
		{{- range .Addresses}}
		server {{.}} {{$upstream.Options}};
		{{- end}}
	}
	{{- end}}
{{- end}}`))
