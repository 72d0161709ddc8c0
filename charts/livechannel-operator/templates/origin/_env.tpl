{{/* The settings of the origin. Secrets are files, never environment variables. */}}
{{- define "livechannel.originEnv" -}}
{{- $host := include "livechannel.originHost" . -}}
- name: LIVECHANNEL_ORIGIN_PUBLIC_URL
  value: {{ .Values.origin.publicUrl | default (printf "http://%s:8080" $host) | quote }}
- name: LIVECHANNEL_ORIGIN_INGEST_URL
  value: rtmps://{{ $host }}:1936/live/
- name: LIVECHANNEL_ORIGIN_TOKEN_FILE
  value: /etc/livechannel/origin/token
- name: LIVECHANNEL_ORIGIN_MASTER_SECRET_FILE
  value: /etc/livechannel/origin/masterSecret
- name: LIVECHANNEL_ORIGIN_TLS_CERT_FILE
  value: /etc/livechannel/origin/tls.crt
- name: LIVECHANNEL_ORIGIN_TLS_KEY_FILE
  value: /etc/livechannel/origin/tls.key
- name: LIVECHANNEL_ORIGIN_STATE_DIR
  value: /var/lib/livechannel/state
- name: LIVECHANNEL_ORIGIN_HLS_DIR
  value: /var/lib/livechannel/media
- name: LIVECHANNEL_LOG_LEVEL
  value: {{ .Values.origin.logLevel }}
{{- end -}}

{{/* Name of the Service inside the cluster. */}}
{{- define "livechannel.originHost" -}}
{{- printf "%s.%s.svc" (include "livechannel.name" (list . "origin")) .Release.Namespace -}}
{{- end -}}
