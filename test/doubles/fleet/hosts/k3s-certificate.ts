/** Of a K3s that never gets old; its key was thrown away. */
export const K3S_CERTIFICATE = `certificate=/var/lib/rancher/k3s/server/tls/client-admin.crt
-----BEGIN CERTIFICATE-----
MIIBczCCARmgAwIBAgIUA+KVEyNEa2POYRMUVrHH3tUaq3UwCgYIKoZIzj0EAwIw
DjEMMAoGA1UEAwwDazNzMCAXDTI2MTEyNzA4MDMwMFoYDzIxMjYxMTAzMDgwMzAw
WjAOMQwwCgYDVQQDDANrM3MwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARb9M5i
EuQMYblzXp0f+sZjM+iDH+EUz0fCp5O3jSKCaGHEtPgb1Zqievj7yxnhtLa2t/lq
ODpYSm9LLBKZYobAo1MwUTAdBgNVHQ4EFgQU1EoTA2/srQu0L4pbT6cx2naGcGYw
HwYDVR0jBBgwFoAU1EoTA2/srQu0L4pbT6cx2naGcGYwDwYDVR0TAQH/BAUwAwEB
/zAKBggqhkjOPQQDAgNIADBFAiEA9fg1fz/DU7JEAyE/V3P0he5kuafSKsRYhrvH
Ft7Xgo0CIFpeNs6OThycsRbs6HCnJvwmXMva6TnHNFgRqh1ZaCHV
-----END CERTIFICATE-----
`;
