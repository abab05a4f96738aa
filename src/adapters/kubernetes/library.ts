/**
 * What is used of the Kubernetes client. bin/compile-sources.js bundles this file, since the package as a whole, with a class for
 * every API there is, takes 38 MB of a worker's memory and this part of it 7.
 */
export {
  createConfiguration,
  KubeConfig,
  KubernetesObjectApi,
  PatchStrategy,
  ServerConfiguration,
} from '@kubernetes/client-node';
