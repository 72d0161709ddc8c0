{{/* The operator's rights in a namespace whose LiveChannels it manages. */}}
{{- define "livechannel.namespacedRules" -}}
- apiGroups: [livechannel.dev]
  resources: [livechannels]
  verbs: [get, list, watch, patch, update]
- apiGroups: [livechannel.dev]
  resources: [livechannels/status]
  verbs: [patch, update]
# Required to own pods and Secrets where the admission plugin OwnerReferencesPermissionEnforcement is on.
- apiGroups: [livechannel.dev]
  resources: [livechannels/finalizers]
  verbs: [update]
- apiGroups: ['']
  resources: [pods]
  verbs: [get, list, watch, create, patch, delete]
# Reads the credentials of LiveChannels and StreamingPlatforms, and writes the Secrets of the relays.
- apiGroups: ['']
  resources: [secrets]
  verbs: [get, list, watch, create, patch, delete]
{{- end -}}

{{/* Its rights for cluster-scoped resources. */}}
{{- define "livechannel.clusterRules" -}}
- apiGroups: [livechannel.dev]
  resources: [streamingplatforms]
  verbs: [get, list, watch, patch, update]
- apiGroups: [livechannel.dev]
  resources: [streamingplatforms/status]
  verbs: [patch, update]
- apiGroups: [livechannel.dev]
  resources: [streamingplatforms/finalizers]
  verbs: [update]
# In the resources' namespaces, and in the namespace default for cluster-scoped ones.
- apiGroups: ['']
  resources: [events]
  verbs: [create, patch]
# Detects that the node of a relay is lost.
- apiGroups: ['']
  resources: [nodes]
  verbs: [get, list, watch]
# Its UID is the cluster's ID.
- apiGroups: ['']
  resources: [namespaces]
  resourceNames: [kube-system]
  verbs: [get]
{{- end -}}
