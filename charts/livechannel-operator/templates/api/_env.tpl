{{/* The service's settings: docs/reference/settings.md. */}}
{{- define "livechannel.apiEnv" -}}
{{- $api := .Values.api -}}
- name: LIVECHANNEL_API_NAMESPACE
  value: {{ include "livechannel.apiNamespace" . }}
- name: LIVECHANNEL_API_PORT
  value: '8080'
- name: LIVECHANNEL_HTTP_PORT
  value: '8081'
- name: LIVECHANNEL_LOG_LEVEL
  value: {{ $api.logLevel }}
- name: LIVECHANNEL_API_AGORA_SECRET
  value: {{ $api.agoraSecret }}
- name: LIVECHANNEL_API_DEFAULTS
  value: {{ include "livechannel.apiDefaults" . | quote }}
{{- with $api.defaultsByLabel }}
- name: LIVECHANNEL_API_DEFAULTS_BY_LABEL
  value: {{ toJson . | quote }}
{{- end }}
- name: LIVECHANNEL_API_ACCEPT_AGORA_TOKENS
  value: {{ $api.agoraTokens.accept | quote }}
{{- with $api.agoraAccessPoints }}
- name: LIVECHANNEL_API_AGORA_ACCESS_POINTS
  value: {{ toJson . | quote }}
{{- end }}
{{- if $api.agoraTokenSecret }}
- name: LIVECHANNEL_API_AGORA_DIR
  value: /etc/livechannel/agora
{{- end }}
{{- if $api.agoraNotifications.secretName }}
- name: LIVECHANNEL_API_AGORA_NOTIFICATIONS_DIR
  value: /etc/livechannel/agora-notifications
- name: LIVECHANNEL_API_AGORA_NOTIFICATIONS_CREATE_CHANNELS
  value: {{ $api.agoraNotifications.createChannels | quote }}
- name: LIVECHANNEL_API_AGORA_NOTIFICATIONS_RATE_LIMIT
  value: {{ $api.agoraNotifications.rateLimit | int | quote }}
{{- end }}
{{- if $api.playbackKeys }}
- name: LIVECHANNEL_API_PLAYBACK_KEYS_DIR
  value: /etc/livechannel/playback-keys
{{- end }}
- name: LIVECHANNEL_API_TICKET_KEYS_DIR
  value: /etc/livechannel/ticket-keys
{{- if $api.login.enabled }}
- name: LIVECHANNEL_API_SESSION_KEYS_FILE
  value: /etc/livechannel/session-keys/keys
{{- end }}
- name: LIVECHANNEL_API_RATE_LIMIT
  value: {{ $api.rateLimit | int | quote }}
- name: LIVECHANNEL_API_PUBLIC_PLAYBACK
  value: {{ $api.publicPlayback | quote }}
- name: LIVECHANNEL_API_KUBERNETES_TOKENS
  value: {{ $api.kubernetesTokens | quote }}
{{- with $api.kubernetesAudience }}
- name: LIVECHANNEL_API_KUBERNETES_AUDIENCE
  value: {{ . | quote }}
{{- end }}
{{- with $api.corsOrigins }}
- name: LIVECHANNEL_API_CORS_ORIGINS
  value: {{ join "," . | quote }}
{{- end }}
{{- with $api.embedMediaOrigins }}
- name: LIVECHANNEL_API_EMBED_MEDIA_ORIGINS
  value: {{ join "," . | quote }}
{{- end }}
{{- with $api.trustedProxies }}
- name: LIVECHANNEL_API_TRUSTED_PROXIES
  value: {{ join "," . | quote }}
{{- end }}
{{- if $api.oidc.issuer }}
- name: LIVECHANNEL_API_OIDC_ISSUER
  value: {{ $api.oidc.issuer | quote }}
- name: LIVECHANNEL_API_OIDC_AUDIENCE
  value: {{ required "api.oidc.audience is needed with api.oidc.issuer" $api.oidc.audience | quote }}
- name: LIVECHANNEL_API_OIDC_SCOPE_CLAIM
  value: {{ $api.oidc.scopeClaim | quote }}
{{- with $api.oidc.jwksUrl }}
- name: LIVECHANNEL_API_OIDC_JWKS_URL
  value: {{ . | quote }}
{{- end }}
{{- if and $api.login.enabled $api.oidc.login.clientId }}
- name: LIVECHANNEL_API_OIDC_CLIENT_ID
  value: {{ $api.oidc.login.clientId | quote }}
- name: LIVECHANNEL_API_OIDC_REDIRECT_URL
  value: {{ required "api.oidc.login.redirectUrl is needed with api.oidc.login.clientId" $api.oidc.login.redirectUrl | quote }}
- name: LIVECHANNEL_API_OIDC_LOGIN_SCOPES
  value: {{ $api.oidc.login.scopes | quote }}
{{- if $api.oidc.login.clientSecretName }}
- name: LIVECHANNEL_API_OIDC_CLIENT_SECRET_FILE
  value: /etc/livechannel/oidc-client/clientSecret
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* api.defaults as JSON. An empty platform is none. Helm reads numbers of --values as floats, which toJson prints as whole. */}}
{{- define "livechannel.apiDefaults" -}}
{{- $defaults := .Values.api.defaults -}}
{{- if not $defaults.platform -}}
{{- $defaults = omit $defaults "platform" -}}
{{- end -}}
{{- toJson $defaults -}}
{{- end -}}

{{/* The pod's grace period: shutdown delay and drain time, by the service's defaults or api.extraEnv, plus a reserve. */}}
{{- define "livechannel.apiGraceSeconds" -}}
{{- $seconds := dict "LIVECHANNEL_API_SHUTDOWN_DELAY_SECONDS" "5" "LIVECHANNEL_API_DRAIN_SECONDS" "20" -}}
{{- range .Values.api.extraEnv -}}
{{- if hasKey $seconds .name -}}
{{- if not (and (kindIs "string" .value) (regexMatch "^[0-9]+$" (toString .value))) -}}
{{- fail (printf "api.extraEnv: %s must have a value, a whole number as text: the pod's grace period is made of it" .name) -}}
{{- end -}}
{{- $_ := set $seconds .name .value -}}
{{- end -}}
{{- end -}}
{{- add 20 (int $seconds.LIVECHANNEL_API_SHUTDOWN_DELAY_SECONDS) (int $seconds.LIVECHANNEL_API_DRAIN_SECONDS) -}}
{{- end -}}
