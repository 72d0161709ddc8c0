/** Chart values (for --set) with which everything is switched on. */
export const everything = [
  'origin.hlsService.enabled=true',
  'networkPolicy.enabled=true',
  'metrics.serviceMonitor.enabled=true',
  'metrics.relayPodMonitor.enabled=true',
  'operator.watchNamespaces={shop,studio}',
  'imagePullSecrets[0].name=registry',
  'relay.imagePullSecrets={registry}',
  'api.ingress.enabled=true',
  'api.ingress.host=live.example.com',
  'api.agoraTokenSecret=agora',
  'api.oidc.issuer=https://id.example.com',
  'api.oidc.audience=live',
  'api.playbackKeys[0].platform=ivs',
  'api.playbackKeys[0].secretName=ivs-playback',
  'api.playbackKeys[0].keys={playbackPrivateKey}',
  'recorder.webhook.existingSecret=webhook',
  'prices.asOf=2026-11-01',
  'api.rateLimit=600',
  'api.defaults.platform=ivs',
  'api.corsOrigins={https://shop.example.com}',
  'api.trustedProxies={10.0.0.0/8}',
  'api.ingress.className=nginx',
  'api.ingress.tlsSecret=live-tls',
  'api.service.type=NodePort',
  'origin.tls.extraIpAddresses={192.0.2.1}',
  'recorder.webhook.allowedNetworks={10.0.0.0/8}',
  'database.embedded.persistence.storageClass=fast',
  'database.embedded.priorityClassName=system-cluster-critical',
  'operator.tolerations[0].operator=Exists',
  'commonLabels.team=live',
] as const;

/** Values that create resources of the Prometheus operator, which an API server without its CRDs rejects. */
export const needsPrometheusOperator: readonly string[] = [
  'metrics.serviceMonitor.enabled=true',
  'metrics.relayPodMonitor.enabled=true',
];
