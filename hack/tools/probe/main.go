// Probe is what pods of the cluster's own tests run: a static program that
// needs no shell and no libraries.
//
//	probe serve :8080   answers every request with "hello from HOSTNAME"
//	probe get URL       prints what the URL answers; fails unless that is 200
//	probe lookup NAME   prints the addresses of a name
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

const clusterAuthority = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt"

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "probe:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("use: probe serve ADDRESS | get URL | lookup NAME")
	}
	switch args[0] {
	case "serve":
		return serve(args[1])
	case "get":
		return get(args[1])
	case "lookup":
		addresses, err := net.LookupHost(args[1])
		fmt.Println(strings.Join(addresses, " "))
		return err
	}
	return fmt.Errorf("unknown command %q", args[0])
}

func serve(address string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	hostname, _ := os.Hostname()
	server := &http.Server{Addr: address, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "hello from %s\n", hostname)
	})}
	go func() {
		<-ctx.Done()
		server.Close()
	}()
	fmt.Println("serving on", address)
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		return err
	}
	return nil
}

// get trusts the cluster's authority where the pod has it.
func get(url string) error {
	roots := x509.NewCertPool()
	if pem, err := os.ReadFile(clusterAuthority); err == nil {
		roots.AppendCertsFromPEM(pem)
	}
	client := http.Client{
		Timeout:   5 * time.Second,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}},
	}
	response, err := client.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	fmt.Print(string(body))
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", url, response.Status)
	}
	return nil
}
