import { parseJsonStream } from './render.js';

const LINKERD = '/usr/local/bin/linkerd';
const KUBECONFIG = '--kubeconfig /etc/rancher/k3s/k3s.yaml';

/**
 * Linkerd's check of its control plane. Exit code 1 comes with a failed check; what failed is in the output. The check of
 * the extension is one of its own here, and may call out: the command would run it by the program of this name on the
 * PATH, so it gets one that prints nothing. The rest cannot be faster: 26 of its 45 requests go to one API
 * group, to which its client sends ten at once and then five a second.
 */
export const controlPlaneCheckScript = (version: string): string => `
work=$(mktemp -d /run/leafspan-XXXXXX) || exit 2; trap 'rm -rf "$work"' EXIT
ln -s "$(type -P true)" "$work/linkerd-multicluster"
PATH=$work:$PATH ${LINKERD} check ${KUBECONFIG} --expected-version ${version} --wait 1s -o json 2>/dev/null
`;
export const multiclusterCheckScript = `${LINKERD} multicluster check ${KUBECONFIG} --wait 10s -o json 2>/dev/null`;
export const gatewaysScript = `${LINKERD} multicluster gateways ${KUBECONFIG} -o json 2>/dev/null`;

export interface LinkerdFindings {
  /** `description: error`, each on one line. */
  errors: string[];
  warnings: string[];
}

interface CheckDocument {
  categories?: {
    categoryName?: string;
    checks?: { description?: string; result?: string; error?: string }[];
  }[];
}

const MULTICLUSTER = 'linkerd-multicluster';
/** Asks a server in the internet for the newest release; on a host that does not reach it, it always warns. */
const CALLS_OUT = /up-to-date/;

/** Linkerd prints a document for itself and one for each extension. */
export function parseFindings(output: string, of: 'control-plane' | 'multicluster'): LinkerdFindings {
  const documents = parseJsonStream<CheckDocument>(output);
  const checks = documents
    .flatMap(({ categories }) => categories ?? [])
    .filter(({ categoryName }) => (categoryName === MULTICLUSTER) === (of === 'multicluster'))
    .flatMap((category) => category.checks ?? []);
  if (checks.length === 0) return { errors: ['linkerd check printed no check'], warnings: [] };
  const described = (result: string): string[] =>
    checks
      .filter((check) => check.result === result)
      .map(({ description = '', error = '' }) => `${firstLine(description)}: ${error.replaceAll(/\s+/g, ' ').trim()}`);
  return { errors: described('error'), warnings: described('warning').filter((warning) => !CALLS_OUT.test(warning)) };
}

// Some descriptions continue with the list of clusters.
const firstLine = (text: string): string => text.split('\n')[0]?.trim() ?? '';

export interface GatewaySeen {
  clusterName: string;
  alive: boolean;
  /** ms; absent before the first response of the probe. */
  latency?: number;
}

export const parseGateways = (output: string): GatewaySeen[] => parseJsonStream<GatewaySeen[]>(output).flat();
