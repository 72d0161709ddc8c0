{{/* Name of a component: <release>-<component>, as in (include "livechannel.name" (list . "origin")). */}}
{{- define "livechannel.name" -}}
{{- $root := index . 0 -}}
{{- printf "%s-%s" ($root.Release.Name | trunc 50 | trimSuffix "-") (index . 1) -}}
{{- end -}}

{{- define "livechannel.serviceAccountName" -}}
{{- .Values.operator.serviceAccount.name | default (include "livechannel.name" (list . "operator")) -}}
{{- end -}}

{{- define "livechannel.originSecretName" -}}
{{- .Values.origin.existingSecret | default (include "livechannel.name" (list . "origin")) -}}
{{- end -}}

{{- define "livechannel.apiServiceAccountName" -}}
{{- .Values.api.serviceAccount.name | default (include "livechannel.name" (list . "api")) -}}
{{- end -}}

{{/* The Secret with the keys of tickets. */}}
{{- define "livechannel.ticketKeysName" -}}
{{- .Values.api.tickets.existingSecret | default (include "livechannel.name" (list . "api-tickets")) -}}
{{- end -}}

{{/* Secret with the keys of sessions. */}}
{{- define "livechannel.sessionKeysName" -}}
{{- .Values.api.login.existingSecret | default (include "livechannel.name" (list . "api-sessions")) -}}
{{- end -}}

{{/* Whether the service mounts the secret of its client at the OIDC issuer: "true" or empty. */}}
{{- define "livechannel.oidcClientSecret" -}}
{{- $login := .Values.api.oidc.login -}}
{{- if and .Values.api.oidc.issuer .Values.api.login.enabled $login.clientId $login.clientSecretName -}}true{{- end -}}
{{- end -}}

{{/* Namespace of the channels that the service creates. */}}
{{- define "livechannel.apiNamespace" -}}
{{- .Values.api.namespace | default .Release.Namespace -}}
{{- end -}}

{{/* Whether the release brings its own PostgreSQL: "true" or "". */}}
{{- define "livechannel.embeddedDatabase" -}}
{{- if and .Values.database.embedded.enabled (not .Values.database.existingSecret) }}true{{ end -}}
{{- end -}}

{{/* The Secret with DATABASE_URL; "" without a database. */}}
{{- define "livechannel.databaseSecretName" -}}
{{- if .Values.database.existingSecret }}{{ .Values.database.existingSecret }}
{{- else if .Values.database.embedded.enabled }}{{ include "livechannel.name" (list . "postgres") }}
{{- end -}}
{{- end -}}

{{/* As a file, so that a changed password is used, and the URL is in no environment variable. */}}
{{- define "livechannel.databaseEnv" -}}
- name: DATABASE_URL_FILE
  value: /etc/livechannel/database/DATABASE_URL
{{- end -}}

{{- define "livechannel.databaseMount" -}}
- name: database
  mountPath: /etc/livechannel/database
  readOnly: true
{{- end -}}

{{/* Optional: pods start without the Secret and do what is possible without a database. */}}
{{- define "livechannel.databaseVolume" -}}
- name: database
  secret:
    secretName: {{ include "livechannel.databaseSecretName" . }}
    optional: true
    items:
      - key: DATABASE_URL
        path: DATABASE_URL
      # Of a server whose certificate no public CA has issued: sslrootcert=/etc/livechannel/database/ca.crt in the address.
      - key: ca.crt
        path: ca.crt
{{- end -}}

{{/* The price book, for the operator and the service. */}}
{{- define "livechannel.pricesEnv" -}}
- name: LIVECHANNEL_PRICES_FILE
  value: /etc/livechannel/prices/prices.json
{{- end -}}

{{- define "livechannel.pricesMount" -}}
- name: prices
  mountPath: /etc/livechannel/prices
  readOnly: true
{{- end -}}

{{- define "livechannel.pricesVolume" -}}
- name: prices
  configMap:
    name: {{ include "livechannel.name" (list . "prices") }}
{{- end -}}

{{/* The selector of a component's pods; it never changes between versions. */}}
{{- define "livechannel.selectorLabels" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ $root.Chart.Name }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{/* Without versions: a pod must not be replaced because a label changed. */}}
{{- define "livechannel.podLabels" -}}
{{ include "livechannel.selectorLabels" . }}
app.kubernetes.io/part-of: livechannel
{{- end -}}

{{- define "livechannel.labels" -}}
{{- $root := index . 0 -}}
{{ include "livechannel.selectorLabels" . }}
app.kubernetes.io/part-of: livechannel
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- with $root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The reference of an image: (include "livechannel.image" (list . .Values.operator.image)). */}}
{{- define "livechannel.image" -}}
{{- $root := index . 0 -}}
{{- $image := index . 1 -}}
{{- with $image.registry }}{{ . }}/{{ end -}}
{{- $image.repository -}}:{{ $image.tag | default $root.Chart.AppVersion -}}
{{- with $image.digest }}@{{ . }}{{ end -}}
{{- end -}}

{{/* What the restricted Pod Security Standard requires of a pod, and of each container. */}}
{{- define "livechannel.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "livechannel.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* Scheduling of pods: (include "livechannel.scheduling" .Values.operator). */}}
{{- define "livechannel.scheduling" -}}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
