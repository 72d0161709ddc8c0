{{/* The settings of the origin. Secrets are files, never environment. */}}
{{- define "livechannel.originEnv" -}}
- name: LIVECHANNEL_LOG_LEVEL
  value: {{ .Values.origin.logLevel }}
{{- end -}}

{{/* Name of the Service inside the cluster. */}}
{{- define "livechannel.originHost" -}}
{{- printf "%s.%s.svc" (include "livechannel.name" (list . "origin")) .Release.Namespace -}}
{{- end -}}
