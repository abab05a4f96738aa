
work=$(mktemp -d /run/leafspan-XXXXXX) || exit 1; trap 'rm -rf "$work"' EXIT
cat > "$work/values.yaml" <<'LEAFSPAN_VALUES'
{"gateway":{"enabled":false}}
LEAFSPAN_VALUES
/usr/local/bin/linkerd multicluster install --ignore-cluster -o json --values "$work/values.yaml"

