// Pause is the first process of a pod's sandbox and of a machine of
// hack/cluster: it holds the namespaces open, reaps the processes that are
// handed to it, and ends on a signal. Its arguments are not read; they identify
// a machine's first process in /proc.
package main

import (
	"os"
	"os/signal"
	"syscall"
)

func main() {
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, syscall.SIGCHLD, syscall.SIGINT, syscall.SIGTERM)
	for received := range signals {
		if received != syscall.SIGCHLD {
			return
		}
		for {
			pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
			if pid <= 0 && err != syscall.EINTR {
				break
			}
		}
	}
}
