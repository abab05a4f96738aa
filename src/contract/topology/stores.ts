/** Where streams are kept, if the topology does not say otherwise. */
export const DEFAULT_STORES = {
  broker: { maxFile: '10Gi', maxMemory: '64Mi' },
  leaf: { maxFile: '2Gi', maxMemory: '64Mi' },
  storageClass: 'local-path',
  sync: 'interval' as const,
};
