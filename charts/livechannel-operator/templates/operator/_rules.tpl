{{/* What the operator may do in a namespace whose LiveChannels it handles. */}}
{{- define "livechannel.namespacedRules" -}}
- apiGroups: [livechannel.dev]
  resources: [livechannels]
  verbs: [get, list, watch, patch, update]
- apiGroups: [livechannel.dev]
  resources: [livechannels/status]
  verbs: [patch, update]
# To own pods and Secrets where the admission plugin OwnerReferencesPermissionEnforcement is on.
- apiGroups: [livechannel.dev]
  resources: [livechannels/finalizers]
  verbs: [update]
- apiGroups: ['']
  resources: [pods]
  verbs: [get, list, watch, create, patch, delete]
# Reads the credentials that LiveChannels and StreamingPlatforms name; writes the relays' own.
- apiGroups: ['']
  resources: [secrets]
  verbs: [get, list, watch, create, patch, delete]
{{- end -}}

{{/* What it may do to what belongs to no namespace. */}}
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
# In the resources' namespaces, and in default for those that have none.
- apiGroups: ['']
  resources: [events]
  verbs: [create, patch]
# Notices that the node of a relay is lost.
- apiGroups: ['']
  resources: [nodes]
  verbs: [get, list, watch]
# Its uid is the cluster's id.
- apiGroups: ['']
  resources: [namespaces]
  resourceNames: [kube-system]
  verbs: [get]
{{- end -}}
