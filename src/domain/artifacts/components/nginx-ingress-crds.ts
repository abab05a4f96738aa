import { sourcesAt, type PinnedDownload } from '../releases.js';
import { NGINX_INGRESS_CRDS_SHA256, NGINX_INGRESS_VERSION } from './nginx-ingress.js';

export const nginxIngressDownloads = (mirror?: string): PinnedDownload[] => [
  {
    url: `${sourcesAt(mirror)}/nginx/kubernetes-ingress/${NGINX_INGRESS_VERSION}/deploy/crds.yaml`,
    sha256: NGINX_INGRESS_CRDS_SHA256,
  },
];
