{{/* The pod of the Deployment and of the StatefulSet. */}}
{{- define "flashback-exporter.pod" -}}
{{- $isSharded := gt (int .Values.shards) 1 }}
{{- $persists := eq .Values.credentials.method "refreshToken" }}
{{- $hasSecret := or (ne .Values.credentials.method "none") .Values.credentials.existingSecret }}
metadata:
  annotations:
    # A changed configuration replaces the pods.
    {{- $checksum := dict "checksum/config" (include "flashback-exporter.configuration" . | sha256sum) }}
    {{- mergeOverwrite (deepCopy (default (dict) .Values.podAnnotations)) $checksum | toYaml | nindent 4 }}
  labels:
    {{- include "flashback-exporter.labels" (list . .Values.podLabels) | nindent 4 }}
spec:
  serviceAccountName: {{ include "flashback-exporter.serviceAccountName" . }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- if not (kindIs "invalid" .Values.terminationGracePeriodSeconds) }}
  terminationGracePeriodSeconds: {{ int .Values.terminationGracePeriodSeconds }}
  {{- end }}
  {{- with .Values.dnsPolicy }}
  dnsPolicy: {{ . }}
  {{- end }}
  {{- with .Values.dnsConfig }}
  dnsConfig:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.hostAliases }}
  hostAliases:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    {{- toYaml .Values.podSecurityContext | nindent 4 }}
  {{- if or $persists .Values.extraInitContainers }}
  initContainers:
    {{- with .Values.extraInitContainers }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- end }}
  {{- if $persists }}
    # Takes over the refresh token of the Secret, once.
    - name: adopt-refresh-token
      image: {{ include "flashback-exporter.image" . }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      command:
        - /bin/sh
        - -c
        {{- if $isSharded }}
        # The number at the end of the pod's name.
        - 'CREDENTIALS_DIRECTORY="/run/secrets/flashback/${HOSTNAME##*-}" exec /bin/sh /etc/flashback-exporter/adopt-refresh-token'
        {{- else }}
        - exec /bin/sh /etc/flashback-exporter/adopt-refresh-token
        {{- end }}
      env:
        {{- if not $isSharded }}
        - name: CREDENTIALS_DIRECTORY
          value: /run/secrets/flashback
        {{- end }}
        - name: STATE_DIRECTORY
          value: /var/lib/flashback-exporter
      resources:
        {{- toYaml .Values.resources | nindent 8 }}
      securityContext:
        {{- toYaml .Values.securityContext | nindent 8 }}
      volumeMounts:
        - name: configuration
          mountPath: /etc/flashback-exporter
          readOnly: true
        - name: secret
          mountPath: /run/secrets/flashback
          readOnly: true
        - name: state
          mountPath: /var/lib/flashback-exporter
  {{- end }}
  containers:
    - name: exporter
      image: {{ include "flashback-exporter.image" . }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args:
        - --config.file=/etc/flashback-exporter/flashback-exporter.yml
        {{- if $isSharded }}
        # The number at the end of the pod's name.
        - --shard.index=hostname
        - --shard.total={{ int .Values.shards }}
        {{- end }}
        {{- if .Values.web.existingSecret }}
        - --web.config.file=/etc/flashback-exporter-web/{{ .Values.web.key }}
        {{- end }}
        {{- with .Values.extraArgs }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- if or (eq .Values.credentials.method "password") .Values.extraEnv }}
      env:
        {{- if eq .Values.credentials.method "password" }}
        - name: FLASHBACK_EXPORTER_FLASHBACK_EMAIL
          valueFrom:
            secretKeyRef:
              name: {{ include "flashback-exporter.secretName" . }}
              key: {{ .Values.credentials.keys.email }}
              # The address may also be in "config".
              optional: true
        {{- end }}
        {{- with .Values.extraEnv }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- end }}
      {{- with .Values.envFrom }}
      envFrom:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      ports:
        - name: metrics
          containerPort: 10420
      {{- include "flashback-exporter.probe" (list . "livenessProbe" "/-/healthy") | nindent 6 }}
      {{- include "flashback-exporter.probe" (list . "readinessProbe" "/-/ready") | nindent 6 }}
      resources:
        {{- toYaml .Values.resources | nindent 8 }}
      securityContext:
        {{- toYaml .Values.securityContext | nindent 8 }}
      volumeMounts:
        - name: configuration
          mountPath: /etc/flashback-exporter
          readOnly: true
        {{- if $persists }}
        # The whole directory: the exporter replaces the file in it.
        - name: state
          mountPath: /var/lib/flashback-exporter
        {{- else if $hasSecret }}
        # The whole directory: a single file of a Secret would not follow its changes.
        - name: secret
          mountPath: /run/secrets/flashback
          readOnly: true
        {{- end }}
        {{- if .Values.web.existingSecret }}
        - name: web
          mountPath: /etc/flashback-exporter-web
          readOnly: true
        {{- end }}
        {{- with .Values.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    {{- with .Values.extraContainers }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  volumes:
    - name: configuration
      configMap:
        name: {{ include "flashback-exporter.fullname" . }}
    {{- if $hasSecret }}
    - name: secret
      secret:
        secretName: {{ include "flashback-exporter.secretName" . }}
        defaultMode: 288  # 0440
        {{- if $persists }}
        items:
          {{- if $isSharded }}
          {{- range $shard := until (int .Values.shards) }}
          - key: {{ printf "%s-%d" $.Values.credentials.keys.refreshToken $shard }}
            path: {{ $shard }}/flashback_refresh-token
          {{- end }}
          {{- else }}
          - key: {{ .Values.credentials.keys.refreshToken }}
            path: flashback_refresh-token
          {{- end }}
        {{- end }}
    {{- end }}
    {{- if and $persists (not $isSharded) }}
    - name: state
      persistentVolumeClaim:
        claimName: {{ default (include "flashback-exporter.fullname" .) .Values.persistence.existingClaim }}
    {{- end }}
    {{- with .Values.web.existingSecret }}
    - name: web
      secret:
        secretName: {{ . }}
        defaultMode: 288  # 0440
    {{- end }}
    {{- with .Values.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- if or .Values.topologySpreadConstraints $isSharded }}
  topologySpreadConstraints:
    {{- $selector := dict "matchLabels" (include "flashback-exporter.selectorLabels" . | fromYaml) }}
    {{- $onNodes := dict "maxSkew" 1 "topologyKey" "kubernetes.io/hostname" "whenUnsatisfiable" "ScheduleAnyway" }}
    {{- range default (list $onNodes) .Values.topologySpreadConstraints }}
    - {{- merge (deepCopy .) (dict "labelSelector" $selector) | toYaml | nindent 6 }}
    {{- end }}
  {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{/* A probe, from a list of the root, the probe's name and the path that it requests. None if its values are null. */}}
{{- define "flashback-exporter.probe" -}}
{{- $root := first . }}
{{- $name := index . 1 }}
{{- $settings := index $root.Values $name }}
{{- if not (kindIs "invalid" $settings) -}}
{{ $name }}:
  {{- if $root.Values.web.requiresClientCertificate }}
  tcpSocket:
    port: metrics
  {{- else }}
  httpGet:
    path: {{ last . }}
    port: metrics
    {{- if eq $root.Values.web.scheme "HTTPS" }}
    scheme: HTTPS
    {{- end }}
  {{- end }}
  {{- with $settings }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
{{- end }}

{{/* The claim for the refresh token in use. */}}
{{- define "flashback-exporter.claim" -}}
accessModes:
  {{- toYaml .Values.persistence.accessModes | nindent 2 }}
{{- with .Values.persistence.storageClass }}
storageClassName: {{ ternary "" . (eq . "-") | quote }}
{{- end }}
resources:
  requests:
    storage: {{ .Values.persistence.size }}
{{- end }}
