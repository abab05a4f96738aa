import { expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { clusterActivities } from '../../src/activities/clusters.js';
import { hubScope } from '../../src/contract/topology/scope.js';
import type { Artifact } from '../../src/domain/artifacts/bundle-manifest.js';
import { BUNDLE, BUNDLE_SOURCE } from '../support/bundle.js';
import { failureOf } from '../support/errors.js';
import { FakeBundles } from '../support/fakes/bundles.js';
import { fakePorts } from '../support/fakes/ports.js';
import { twoClusters } from '../support/topologies.js';

const verify = (artifacts: Artifact[], topology = twoClusters({ artifacts: BUNDLE_SOURCE })) =>
  new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run(
    clusterActivities(fakePorts({ bundles: new FakeBundles({ ...BUNDLE, artifacts }) }))['verify artifacts'],
    { scope: hubScope(topology) },
  );

test('a bundle that has what the parts need is taken', async () => {
  await expect(verify(BUNDLE.artifacts)).resolves.toBeUndefined();
});

test('a bundle without an image of a part is refused before any host is touched', async () => {
  expect(await failureOf(verify(BUNDLE.artifacts.filter(({ name }) => name !== 'nats')))).toMatchObject({
    type: 'BUNDLE_INVALID',
    nonRetryable: true,
    message: 'bundle "whole": it has no image nats:2.15.2-alpine',
  });
});

test('without a bundle there is nothing to verify here', async () => {
  await expect(verify([], twoClusters())).resolves.toBeUndefined();
});
