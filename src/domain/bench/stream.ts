import { BENCH_STREAM } from '../nats/names.js';
import { streamSubject } from './scripts.js';

export const CREATE_STREAM = `$JS.API.STREAM.CREATE.${BENCH_STREAM}`;
export const DELETE_STREAM = `$JS.API.STREAM.DELETE.${BENCH_STREAM}`;

const SECOND_NS = 1_000_000_000;
/** So that the messages of a bench that was killed go by themselves. */
const MAX_AGE_SECONDS = 60;

/** In memory: it shows the way and not a disk. */
export const streamConfig = (subject: string): string =>
  JSON.stringify({
    name: BENCH_STREAM,
    subjects: [streamSubject(subject)],
    storage: 'memory',
    retention: 'limits',
    discard: 'old',
    max_bytes: 8 << 20,
    max_age: MAX_AGE_SECONDS * SECOND_NS,
    max_msgs: -1,
    max_consumers: -1,
    num_replicas: 1,
  });
