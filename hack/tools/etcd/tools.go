//go:build tools

// Package tools names the programs that are built from this module, so that
// go.mod and go.sum pin everything that goes into them.
package tools

import _ "go.etcd.io/etcd/server/v3"
