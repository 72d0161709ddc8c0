// The first process of a pod sandbox and of a node of hack/cluster.
module livechannel.dev/hack/tools/pause

go 1.26.0
