
umask 077; work=/run/leafspan-render; rm -rf "$work"; mkdir "$work" || exit 1; trap 'rm -rf "$work"' EXIT
cat > "$work/anchors.crt" <<'LEAFSPAN_PEM'
-----BEGIN CERTIFICATE-----
Y2VydGlmaWNhdGUgb2YgdHJ1c3QgYW5jaG9y
-----END CERTIFICATE-----
LEAFSPAN_PEM
cat > "$work/issuer.crt" <<'LEAFSPAN_PEM'
-----BEGIN CERTIFICATE-----
Y2VydGlmaWNhdGUgb2YgaXNzdWVy
-----END CERTIFICATE-----
LEAFSPAN_PEM
cat > "$work/issuer.key" <<'LEAFSPAN_PEM'
-----BEGIN PRIVATE KEY-----
a2V5IG9mIGlzc3Vlcg==
-----END PRIVATE KEY-----
LEAFSPAN_PEM
/usr/local/bin/linkerd install --ignore-cluster -o json --set 'disableHeartBeat=true,webhookFailurePolicy=Fail,proxy.readinessProbe.initialDelaySeconds=0,proxy.additionalEnv[0].name=LINKERD2_PROXY_OUTBOUND_CONNECT_EXP_BACKOFF_MIN,proxy.additionalEnv[0].value=100ms,proxy.additionalEnv[1].name=LINKERD2_PROXY_OUTBOUND_CONNECT_EXP_BACKOFF_MAX,proxy.additionalEnv[1].value=2s' \
  --identity-trust-anchors-file "$work/anchors.crt" --identity-issuer-certificate-file "$work/issuer.crt" \
  --identity-issuer-key-file "$work/issuer.key"

