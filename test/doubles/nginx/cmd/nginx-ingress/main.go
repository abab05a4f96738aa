// Command nginx-ingress stands in for the NGINX Ingress Controller 5.5.4 in leafspan's lab.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"leafspan.test/kube"
	"leafspan.test/nginx/internal/conf"
	"leafspan.test/nginx/internal/controller"
	"leafspan.test/nginx/internal/engine"
	"leafspan.test/nginx/internal/flags"
	"leafspan.test/nginx/internal/resources"
)

const (
	version = "5.5.4-double"
	// The image's files belong to this user, and to group 0.
	imageUser = 101
	ourClass  = "nginx.org/ingress-controller"
)

func main() {
	log.SetFlags(log.Ltime | log.Lmicroseconds)
	fmt.Printf("NGINX Ingress Controller Version=%s (a double)\n", version)
	settings, err := flags.Parse(os.Args[1:])
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer cancel()
	if err := run(ctx, settings); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, settings flags.Settings) error {
	if os.Getuid() != imageUser && os.Getgid() != 0 {
		return fmt.Errorf("failed to write main config: open %s/nginx.conf: permission denied (user %d)", conf.Directory, os.Getuid())
	}
	client, err := kube.InCluster()
	if err != nil {
		return err
	}
	defaultTLS, nginxVersion, err := prepare(ctx, client, settings)
	if err != nil {
		return err
	}
	go labelSelf(ctx, client, nginxVersion)
	nginx, err := engine.Start(conf.Config{StatusPort: settings.StatusPort, IPv6: settings.IPv6, DefaultTLS: defaultTLS})
	if err != nil {
		return err
	}
	c := controller.New(ctx, client, settings, nginx, defaultTLS)
	if settings.ReadyPort != 0 {
		go serveReady(settings.ReadyPort, c.Ready)
	}
	go c.Run(ctx)
	select {
	case err := <-nginx.Done():
		// Seen with the real one whose nginx may not bind: the pod stays, never ready, and nothing starts it again.
		log.Printf("nginx command exited unexpectedly with status: %v", err)
		<-ctx.Done()
	case <-ctx.Done():
		log.Print("Received SIGTERM, shutting down")
		nginx.Quit()
	}
	return nil
}

// prepare is what the real one asks for before it starts nginx; each of these failing ends it.
func prepare(ctx context.Context, client *kube.Client, settings flags.Settings) (defaultTLS, nginxVersion string, err error) {
	var pod kube.Pod
	if err := client.Get(ctx, podPath(), &pod); err != nil {
		return "", "", fmt.Errorf("failed to get pod: %w", err)
	}
	var class struct{ Spec struct{ Controller string } }
	if err := client.Get(ctx, "/apis/networking.k8s.io/v1/ingressclasses/"+settings.IngressClass, &class); err != nil {
		return "", "", fmt.Errorf("error when getting IngressClass %s: %w", settings.IngressClass, err)
	}
	if class.Spec.Controller != ourClass {
		return "", "", fmt.Errorf("IngressClass with name %s has an invalid Spec.Controller %s; expected %s", settings.IngressClass, class.Spec.Controller, ourClass)
	}
	for _, namespace := range settings.Namespaces {
		if err := client.Get(ctx, "/api/v1/namespaces/"+namespace, nil); namespace != "" && err != nil {
			log.Printf("Error when getting Namespace %s: %v", namespace, err)
		}
	}
	if nginxVersion, err = engine.Version(); err != nil {
		return "", "", fmt.Errorf("failed to get nginx version: %w", err)
	}
	if defaultTLS, err = writeDefaultSecret(ctx, client, settings.DefaultSecret); err != nil {
		return "", "", err
	}
	if namespace, name, ok := strings.Cut(settings.ConfigMap, "/"); ok {
		var configMap kube.ConfigMap
		if err := client.Get(ctx, "/api/v1/namespaces/"+namespace+"/configmaps/"+name, &configMap); err != nil {
			return "", "", fmt.Errorf("error when getting %s: %w", settings.ConfigMap, err)
		}
		if _, err := controller.WorkerConnections(configMap); err != nil {
			return "", "", err
		}
	}
	return defaultTLS, nginxVersion, nil
}

func writeDefaultSecret(ctx context.Context, client *kube.Client, reference string) (string, error) {
	namespace, name, ok := strings.Cut(reference, "/")
	if !ok {
		return "", nil
	}
	var secret resources.Secret
	if err := client.Get(ctx, "/api/v1/namespaces/"+namespace+"/secrets/"+name, &secret); err != nil {
		return "", fmt.Errorf("error trying to get the default server TLS secret %s: %w", reference, err)
	}
	if secret.Type != "kubernetes.io/tls" {
		return "", errors.New("error trying to get the default server TLS secret " + reference + ": not of type kubernetes.io/tls")
	}
	return engine.WriteSecret("default", secret.Data["tls.crt"], secret.Data["tls.key"])
}

// labelSelf writes the versions on the controller's own pod. A failure is only logged, and tried again.
func labelSelf(ctx context.Context, client *kube.Client, nginxVersion string) {
	for range 10 {
		var pod map[string]any
		err := client.Get(ctx, podPath(), &pod)
		if err == nil {
			metadata, _ := pod["metadata"].(map[string]any)
			labels, _ := metadata["labels"].(map[string]any)
			if labels == nil {
				labels = map[string]any{}
				metadata["labels"] = labels
			}
			labels["app.nginx.org/version"] = nginxVersion
			labels["app.kubernetes.io/version"] = version
			err = client.Update(ctx, podPath(), pod)
		}
		if err == nil || ctx.Err() != nil {
			return
		}
		log.Printf("Error updating pod with labels: %v", err)
		kube.Sleep(ctx, 5*time.Second)
	}
}

func podPath() string {
	return "/api/v1/namespaces/" + os.Getenv("POD_NAMESPACE") + "/pods/" + os.Getenv("POD_NAME")
}

func serveReady(port int, ready func() bool) {
	routes := http.NewServeMux()
	routes.HandleFunc("/nginx-ready", func(answer http.ResponseWriter, _ *http.Request) {
		if !ready() {
			http.Error(answer, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(answer, "Ready")
	})
	server := &http.Server{Addr: fmt.Sprintf(":%d", port), Handler: routes, ReadHeaderTimeout: 10 * time.Second}
	log.Fatal(server.ListenAndServe())
}
