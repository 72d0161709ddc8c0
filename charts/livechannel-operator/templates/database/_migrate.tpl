{{/* Spec of a Job that migrates the database to the current schema, and does nothing if it is current. */}}
{{- define "livechannel.migrateJob" -}}
backoffLimit: 10
template:
  metadata:
    labels:
      {{- include "livechannel.podLabels" (list . "migrate") | nindent 6 }}
  spec:
    automountServiceAccountToken: false
    restartPolicy: OnFailure
    {{- with .Values.imagePullSecrets }}
    imagePullSecrets:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    securityContext:
      {{- include "livechannel.podSecurityContext" . | nindent 6 }}
    containers:
      - name: migrate
        image: {{ include "livechannel.image" (list . .Values.operator.image) | quote }}
        imagePullPolicy: {{ .Values.operator.image.pullPolicy }}
        args: [migrate, --wait, {{ .Values.database.migration.waitSeconds | quote }}]
        env:
          {{- include "livechannel.databaseEnv" . | nindent 10 }}
        resources:
          {{- toYaml .Values.database.migration.resources | nindent 10 }}
        securityContext:
          {{- include "livechannel.containerSecurityContext" . | nindent 10 }}
        volumeMounts:
          {{- include "livechannel.databaseMount" . | nindent 10 }}
    volumes:
      {{- include "livechannel.databaseVolume" . | nindent 6 }}
{{- end -}}
