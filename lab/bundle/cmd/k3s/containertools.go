package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// runCtr becomes containerd's own client, set to the server's socket and namespace.
func runCtr() int {
	bin, err := programs()
	if err != nil {
		return refuse(err.Error())
	}
	for variable, value := range map[string]string{"CONTAINERD_ADDRESS": containerdSocket, "CONTAINERD_NAMESPACE": "k8s.io"} {
		if os.Getenv(variable) == "" {
			_ = os.Setenv(variable, value)
		}
	}
	return refuse(syscall.Exec(filepath.Join(bin, "containerd-ctr"), append([]string{"ctr"}, os.Args[1:]...), os.Environ()).Error())
}

// runCrictl is the part of crictl that people use to look: images, ps, pods, info, version.
func runCrictl() int {
	command, asJSON, all := "", false, false
	for _, argument := range os.Args[1:] {
		switch {
		case argument == "-a" || argument == "--all":
			all = true
		case argument == "json" || argument == "--output=json" || argument == "-ojson":
			asJSON = true
		case !strings.HasPrefix(argument, "-") && command == "":
			command = argument
		}
	}
	connection, err := grpc.NewClient("unix://"+containerdSocket, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return refuse(err.Error())
	}
	defer connection.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	output := io.Writer(os.Stdout)
	if asJSON {
		output = io.Discard
	}
	table := tabwriter.NewWriter(output, 0, 0, 4, ' ', 0)
	defer table.Flush()
	answer, err := askRuntime(ctx, connection, command, all, table)
	if err != nil {
		return refuse(err.Error())
	}
	if asJSON || command == "info" {
		encoder := json.NewEncoder(os.Stdout)
		encoder.SetIndent("", "  ")
		_ = encoder.Encode(answer)
		return 0
	}
	return 0
}

func askRuntime(ctx context.Context, connection *grpc.ClientConn, command string, all bool, table *tabwriter.Writer) (any, error) {
	runtime, images := cri.NewRuntimeServiceClient(connection), cri.NewImageServiceClient(connection)
	switch command {
	case "images", "image":
		answer, err := images.ListImages(ctx, &cri.ListImagesRequest{})
		return answer, printRows(table, err, "IMAGE\tIMAGE ID\tSIZE", answer.GetImages(), func(image *cri.Image) string {
			return fmt.Sprintf("%s\t%.13s\t%d", strings.Join(image.RepoTags, ","), strings.TrimPrefix(image.Id, "sha256:"), image.GetSize())
		})
	case "ps":
		request := &cri.ListContainersRequest{Filter: &cri.ContainerFilter{}}
		if !all {
			request.Filter.State = &cri.ContainerStateValue{State: cri.ContainerState_CONTAINER_RUNNING}
		}
		answer, err := runtime.ListContainers(ctx, request)
		return answer, printRows(table, err, "CONTAINER\tSTATE\tNAME\tPOD\tNAMESPACE", answer.GetContainers(), func(container *cri.Container) string {
			state := strings.TrimPrefix(container.State.String(), "CONTAINER_")
			return fmt.Sprintf("%.13s\t%s\t%s\t%s\t%s", container.Id, state, container.GetMetadata().GetName(), container.Labels["io.kubernetes.pod.name"], container.Labels["io.kubernetes.pod.namespace"])
		})
	case "pods":
		answer, err := runtime.ListPodSandbox(ctx, &cri.ListPodSandboxRequest{})
		return answer, printRows(table, err, "POD ID\tSTATE\tNAME\tNAMESPACE", answer.GetItems(), func(pod *cri.PodSandbox) string {
			return fmt.Sprintf("%.13s\t%s\t%s\t%s", pod.Id, strings.TrimPrefix(pod.State.String(), "SANDBOX_"), pod.GetMetadata().GetName(), pod.GetMetadata().GetNamespace())
		})
	case "info":
		return runtime.Status(ctx, &cri.StatusRequest{Verbose: true})
	case "version":
		answer, err := runtime.Version(ctx, &cri.VersionRequest{})
		return answer, printRows(table, err, "RUNTIME\tVERSION", []*cri.VersionResponse{answer}, func(version *cri.VersionResponse) string {
			return version.GetRuntimeName() + "\t" + version.GetRuntimeVersion()
		})
	}
	return nil, fmt.Errorf("this crictl knows images, ps, pods, info and version, not %q", command)
}

func printRows[T any](table *tabwriter.Writer, failure error, heading string, rows []T, render func(T) string) error {
	if failure != nil {
		return failure
	}
	fmt.Fprintln(table, heading)
	for _, row := range rows {
		fmt.Fprintln(table, render(row))
	}
	return nil
}
