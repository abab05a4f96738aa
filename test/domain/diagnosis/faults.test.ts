import { expect, test } from '@jest/globals';
import { diagnose } from '../../../src/domain/diagnosis/diagnose.js';
import { keyOf } from '../../../src/domain/diagnosis/examined.js';
import { BUNDLE_SOURCE } from '../../support/bundle.js';
import { OF_DIRECT_LINKS } from '../../support/doctor/faults/direct.js';
import { OF_EDGES } from '../../support/doctor/faults/edge.js';
import { OF_LINKS } from '../../support/doctor/faults/link.js';
import { OF_NATS } from '../../support/doctor/faults/nats.js';
import { OF_SYSTEMS } from '../../support/doctor/faults/system.js';
import { seenOf } from '../../support/doctor/seen.js';
import { LOAD_BALANCER, nginxEdge, twoClusters } from '../../support/topologies.js';

const DIRECT = twoClusters({ artifacts: BUNDLE_SOURCE });
const NGINX = twoClusters({ ...nginxEdge(), artifacts: BUNDLE_SOURCE });
const MESH = twoClusters({ link: { mode: 'mesh', gateway: LOAD_BALANCER }, artifacts: BUNDLE_SOURCE });

test.each([...OF_SYSTEMS, ...OF_NATS, ...OF_LINKS])('%s: that is named first', (_fault, failing, first) => {
  const [cause] = diagnose(seenOf(MESH, failing), 'cluster-a').causes;
  expect(cause && keyOf(cause.check)).toBe(first);
});

test.each(OF_DIRECT_LINKS)('in link mode direct, %s: that is named first', (_fault, failing, first) => {
  const [cause] = diagnose(seenOf(DIRECT, failing), 'cluster-a').causes;
  expect(cause && keyOf(cause.check)).toBe(first);
});

test.each(OF_EDGES)('with NGINX as the edge, %s: that is named first', (_fault, failing, first) => {
  const [cause] = diagnose(seenOf(NGINX, failing), 'cluster-a').causes;
  expect(cause && keyOf(cause.check)).toBe(first);
});
