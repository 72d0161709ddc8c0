// An HTTP server and client in one static program: what pods of the cluster's own tests run.
module livechannel.dev/hack/tools/probe

go 1.26.0
