/** F5's NGINX Ingress Controller. The community's `ingress-nginx` is another program, and is retired. */
export const NGINX_INGRESS_VERSION = 'v5.5.4';
export const NGINX_INGRESS_IMAGE = 'nginx/nginx-ingress:5.5.4';

/** The artifact of kind `images` with it. */
export const NGINX_INGRESS = 'nginx-ingress';

/** The artifact of kind `manifests` with its CRDs. */
export const NGINX_INGRESS_CRDS = 'nginx-ingress-crds';

/** Of the file in the repository at the tag. */
export const NGINX_INGRESS_CRDS_SHA256 = '9a79a8233162a61fc16820c17c62ec6c33f2c1666b69814f30603ef4e0b93098';
