/** Memory of a leaf node's server in MiB; it has one link and the clients of its cluster. */
export const LEAF_MEMORY_MIB = 256;

/** In MiB: the broker's server, its clients, and what its garbage collector leaves. */
const BROKER_BASE_MIB = 206;

/**
 * Memory of the broker's server in MiB: 1 MiB a link and the base, which is 256 MiB for up to 50 of them. Rounded up to
 * a power of two, since another limit restarts the broker and a leaf that joins must not: 512 up to 306 leaves, 1,024 up to 818.
 *
 * Measured with nats-server 2.15.2, each leaf node over TLS with a subscription, all of them joining at once: at most 0.95 MiB
 * a leaf with compression (which `s2_auto` turns on from a round trip of 10 ms), 0.1 MiB without.
 */
export const brokerMemoryMiB = (links: number, jetStreamMiB = 0): number =>
  2 ** Math.ceil(Math.log2(BROKER_BASE_MIB + links + jetStreamMiB));

/** The heap size at which Go's collector works harder: 80 % of the limit leaves room for stacks and what is not heap. */
export const goMemoryLimit = (limitMiB: number): string => `${Math.floor(limitMiB * 0.8)}MiB`;
