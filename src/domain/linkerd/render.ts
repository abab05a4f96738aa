import type { KubernetesObject } from '@kubernetes/client-node';
import { FIELD_MANAGER, OWNER_LABEL } from '../../contract/names.js';
import { RENDER_DIRECTORY } from '../hosts/paths.js';
import { quote } from '../hosts/quote.js';
import { withPromptAddresses } from './prompt/addresses.js';
import { withPromptReadiness } from './prompt/readiness.js';
import { withPromptStart } from './prompt/start.js';

/** Linkerd's own command renders its manifests, offline, on the host: what it makes fits the images of the same release. */
const LINKERD = '/usr/local/bin/linkerd';

export const linkerdVersionScript = `[ -x ${LINKERD} ] && ${LINKERD} version --client --short || true`;

/** Exit code of a render that the release of the command does not fit; its release is what is printed. */
export const OTHER_RELEASE = 45;

/** A render by the command of this release and by no other. */
export const renderedBy = (version: string, render: string): string => `
release=$([ -x ${LINKERD} ] && ${LINKERD} version --client --short || true)
[ "$release" = ${quote(version)} ] || { echo "$release"; exit ${OTHER_RELEASE}; }
${render}`;

export interface ControlPlaneMaterial {
  /** PEM of the trust anchor, the same on every cluster. */
  anchors: string;
  /** PEM of this cluster's issuer. */
  certificate: string;
  /** PEM, PKCS#8. */
  privateKey: string;
}

export const renderCrdsScript = `${LINKERD} install --crds --ignore-cluster -o json`;

/**
 * How long a proxy waits between two attempts to connect, which doubles from the first to the last value. Its own last value
 * is a minute: after an outage of a minute the mirror controller could not see for up to 30 s that the gateway is back.
 */
const RECONNECT = [
  ['LINKERD2_PROXY_OUTBOUND_CONNECT_EXP_BACKOFF_MIN', '100ms'],
  ['LINKERD2_PROXY_OUTBOUND_CONNECT_EXP_BACKOFF_MAX', '2s'],
] as const;

/**
 * A proxy is asked whether it is ready from its start on: with the chart's delay the first response that counts comes 10 s
 * later. No heartbeat: it would call out once a day. The webhooks fail closed: while the injector is down no pod starts unmeshed,
 * and its owner makes it as soon as the injector is back. The control plane's own namespace and kube-system are exempt, so a
 * host that boots does not block itself.
 */
export const SETTINGS = [
  'disableHeartBeat=true',
  'webhookFailurePolicy=Fail',
  'proxy.readinessProbe.initialDelaySeconds=0',
  ...RECONNECT.flatMap(([name, value], index) => [
    `proxy.additionalEnv[${index}].name=${name}`,
    `proxy.additionalEnv[${index}].value=${value}`,
  ]),
].join(',');

/**
 * The script holds the issuer's key: it travels by standard input and puts the key into memory-backed files that only root
 * reads and that are gone when it exits. What a killed one has left, the next render removes, or the release of the host.
 */
export const renderControlPlaneScript = ({ anchors, certificate, privateKey }: ControlPlaneMaterial): string => `
umask 077; work=${RENDER_DIRECTORY}; rm -rf "$work"; mkdir "$work" || exit 1; trap 'rm -rf "$work"' EXIT
cat > "$work/anchors.crt" <<'LEAFSPAN_PEM'
${anchors.trim()}
LEAFSPAN_PEM
cat > "$work/issuer.crt" <<'LEAFSPAN_PEM'
${certificate.trim()}
LEAFSPAN_PEM
cat > "$work/issuer.key" <<'LEAFSPAN_PEM'
${privateKey.trim()}
LEAFSPAN_PEM
${LINKERD} install --ignore-cluster -o json --set ${quote(SETTINGS)} \\
  --identity-trust-anchors-file "$work/anchors.crt" --identity-issuer-certificate-file "$work/issuer.crt" \\
  --identity-issuer-key-file "$work/issuer.key"
`;

/** Values are JSON, which YAML takes as it is. */
export const renderMulticlusterScript = (values: object): string => `
work=$(mktemp -d /run/leafspan-XXXXXX) || exit 1; trap 'rm -rf "$work"' EXIT
cat > "$work/values.yaml" <<'LEAFSPAN_VALUES'
${JSON.stringify(values)}
LEAFSPAN_VALUES
${LINKERD} multicluster install --ignore-cluster -o json --values "$work/values.yaml"
`;

export type Rendered = KubernetesObject & { apiVersion: string; kind: string; metadata: { name: string } };

/**
 * The objects of a render, each with our owner label, and asked in short whether they are ready. @throws RangeError when there is none: applying an empty render
 * would look like success
 */
export function parseRender(output: string): Rendered[] {
  const objects = parseJsonStream<Rendered>(output);
  if (objects.length === 0) throw new RangeError('linkerd rendered no object');
  return objects
    .map(withPromptStart)
    .map(withPromptReadiness)
    .map(withPromptAddresses)
    .map((object) => ({
      ...object,
      metadata: { ...object.metadata, labels: { ...object.metadata.labels, [OWNER_LABEL]: FIELD_MANAGER } },
    }));
}

/** JSON documents one after the other, with or without line breaks between and in them. @throws SyntaxError for a cut one */
export function parseJsonStream<T extends object>(text: string): T[] {
  const documents: T[] = [];
  let start = -1;
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (quoted) {
      if (character === '\\') at++;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '{' || character === '[') {
      if (depth++ === 0) start = at;
    } else if ((character === '}' || character === ']') && --depth === 0)
      documents.push(JSON.parse(text.slice(start, at + 1)) as T);
  }
  if (depth > 0) throw new SyntaxError('the last JSON document is cut off');
  return documents;
}
