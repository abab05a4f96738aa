import { drift, NO_LINK, NO_MIRROR, PAIR, type Fault } from './above.js';

export const OF_NATS: readonly Fault[] = [
  [
    'the Secret of the broker is deleted and its pod cannot start',
    {
      ...drift('cluster-a/nats-secrets', 'Secret/nats-broker-tls is missing'),
      'broker-ready@cluster-a': 'not mounted',
      'pods-meshed@cluster-a': 'not Ready',
      ...NO_LINK,
    },
    'part-as-wanted@cluster-a/nats-secrets',
  ],
  [
    'the broker is scaled to zero',
    {
      ...drift('cluster-a/broker', 'spec.replicas'),
      'broker-ready@cluster-a': 'scaled to zero',
      ...NO_LINK,
      ...NO_MIRROR,
    },
    'part-as-wanted@cluster-a/broker',
  ],
  [
    'the leaf node is scaled to zero',
    {
      ...drift('cluster-b/leaf-node', 'spec.replicas'),
      'leaf-ready@cluster-b': 'scaled to zero',
      'broker-lists-leaves@cluster-a': '1 missing',
    },
    'part-as-wanted@cluster-b/leaf-node',
  ],
  [
    'the broker ends at each start',
    { 'broker-ready@cluster-a': 'CrashLoopBackOff', 'pods-meshed@cluster-a': 'not Ready', ...NO_LINK },
    'broker-ready@cluster-a',
  ],
  [
    'the broker does not know the leaf',
    { ...drift('cluster-a/broker', 'ConfigMap/nats-broker-config was changed'), ...NO_LINK },
    'part-as-wanted@cluster-a/broker',
  ],
  [
    'the broker shows another certificate',
    {
      'broker-serves-certificate@cluster-a': 'another one',
      'broker-accepts-probe@cluster-a': 'unknown CA',
      ...NO_LINK,
    },
    'broker-serves-certificate@cluster-a',
  ],
  [
    'the subscriber is scaled to zero',
    {
      ...drift('cluster-b/subscriber'),
      'programs-run@cluster-b': 'scaled to zero',
      [`subscriber-receives-publisher@${PAIR}`]: 'no message',
    },
    'part-as-wanted@cluster-b/subscriber',
  ],
  [
    'the publisher ends at each start',
    { 'programs-run@cluster-a': 'CrashLoopBackOff', [`subscriber-receives-publisher@${PAIR}`]: 'no message' },
    'programs-run@cluster-a',
  ],
  [
    'the subject of the publisher was changed',
    { ...drift('cluster-a/publisher', 'args'), [`subscriber-receives-publisher@${PAIR}`]: 'no message' },
    'part-as-wanted@cluster-a/publisher',
  ],
];
