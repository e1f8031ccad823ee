{{- define "flashback-exporter.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 52 | trimSuffix "-" }}
{{- end }}

{{/* Kubernetes appends up to 11 characters to the name of a StatefulSet for a label of its pods, which has at most 63. */}}
{{- define "flashback-exporter.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- $name := include "flashback-exporter.name" . }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{- define "flashback-exporter.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride }}
{{- end }}

{{/* The labels that distinguish the pods of a release: they never change. */}}
{{- define "flashback-exporter.selectorLabels" -}}
app.kubernetes.io/name: {{ include "flashback-exporter.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* The labels of a resource, from a list of the root and of maps with further labels. A later map replaces labels of the earlier ones,
but none replaces those that distinguish the pods. */}}
{{- define "flashback-exporter.labels" -}}
{{- $root := first . }}
{{- $labels := dict "app.kubernetes.io/version" $root.Chart.AppVersion "app.kubernetes.io/managed-by" $root.Release.Service }}
{{- $chart := printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- $_ := set $labels "helm.sh/chart" $chart }}
{{- range prepend (rest .) $root.Values.commonLabels }}
{{- $labels = mergeOverwrite $labels (default (dict) .) }}
{{- end }}
{{- mergeOverwrite $labels (include "flashback-exporter.selectorLabels" $root | fromYaml) | toYaml }}
{{- end }}

{{- define "flashback-exporter.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "flashback-exporter.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "flashback-exporter.secretName" -}}
{{- default (include "flashback-exporter.fullname" .) .Values.credentials.existingSecret }}
{{- end }}

{{- define "flashback-exporter.image" -}}
{{- with .Values.image -}}
{{- with .registry }}{{ trimSuffix "/" . }}/{{ end }}{{ .repository }}
{{- if .digest }}@{{ .digest }}{{ else }}:{{ default $.Chart.AppVersion .tag }}{{ end }}
{{- end }}
{{- end }}

{{/* The configuration file: that of the values, with the paths of the credentials. */}}
{{- define "flashback-exporter.configuration" -}}
{{- $credentials := dict }}
{{- $keys := .Values.credentials.keys }}
{{- if eq .Values.credentials.method "password" }}
{{- $_ := set $credentials "password-file" (printf "/run/secrets/flashback/%s" $keys.password) }}
{{- else if eq .Values.credentials.method "token" }}
{{- $_ := set $credentials "token-file" (printf "/run/secrets/flashback/%s" $keys.token) }}
{{- else if eq .Values.credentials.method "refreshToken" }}
{{- $_ := set $credentials "refresh-token-file" "/var/lib/flashback-exporter/refresh-token" }}
{{- end }}
{{- $configuration := deepCopy (default (dict) .Values.config) }}
{{- if $credentials }}
{{- $configuration = mergeOverwrite $configuration (dict "flashback" $credentials) }}
{{- end }}
{{- toYaml $configuration }}
{{- end }}

{{/* What a schema cannot tell. */}}
{{- define "flashback-exporter.validate" -}}
{{- $fullname := include "flashback-exporter.fullname" . }}
{{- if and (or .Values.serviceMonitor.enabled .Values.prometheusRule.enabled) (not (contains "flashback" $fullname)) }}
{{- fail (printf "the full name %s does not contain \"flashback\", which the rules look for in the job: set fullnameOverride" $fullname) }}
{{- end }}
{{- with .Values.serviceMonitor.jobLabel }}
{{- $labels := include "flashback-exporter.labels" (list $ $.Values.service.labels) | fromYaml }}
{{- if not (contains "flashback" (default $fullname (get $labels .))) }}
{{- fail (printf "serviceMonitor.jobLabel: the Service's label %s does not contain \"flashback\", which the rules look for in the job" .) }}
{{- end }}
{{- end }}
{{- if and .Values.persistence.existingClaim (gt (int .Values.shards) 1) }}
{{- fail "persistence.existingClaim is for one shard: with more, each has a claim of its own" }}
{{- end }}
{{- if and .Values.updateStrategy (eq .Values.credentials.method "refreshToken") (eq (int .Values.shards) 1) }}
{{- fail "updateStrategy is not for a single exporter with a refresh token: its previous pod must end before the next one starts" }}
{{- end }}
{{- $config := default (dict) .Values.config }}
{{- $web := default (dict) $config.web }}
{{- if or (index $web "listen-address") (regexMatch "(^|,)--web\\.listen-address" (join "," .Values.extraArgs)) }}
{{- fail "web.listen-address cannot be set: the probes, the Service and the NetworkPolicy use port 10420; leave it out of config and extraArgs" }}
{{- end }}
{{- if regexMatch "(^|,)--web\\.telemetry-path" (join "," .Values.extraArgs) }}
{{- fail "--web.telemetry-path cannot be in extraArgs: set config.web.telemetry-path, which the ServiceMonitor reads too" }}
{{- end }}
{{- if and $config.accounts (ne .Values.credentials.method "none") }}
{{- fail (printf "credentials.method is %s, but the accounts in config have credentials of their own: set it to none" .Values.credentials.method) }}
{{- end }}
{{- end }}
