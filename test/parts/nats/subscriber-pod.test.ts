import { expect, test } from '@jest/globals';
import { FakeSecrets } from '../../support/fakes/secrets.js';
import { claimedHost } from '../../support/parts/claimed-host.js';
import { checkIn } from '../../support/parts/part-checks.js';
import { podWaiting } from '../../support/parts/pods.js';
import { firstLeaf, siteOf } from '../../support/parts/site.js';
import { twoClusters } from '../../support/topologies.js';

const LEAF = firstLeaf(twoClusters());

test('a subscriber whose pod was made again and cannot pull its image is not waited for', async () => {
  const ports = claimedHost(new FakeSecrets());
  ports.kubernetes.onPodsSeen('app=subscriber', podWaiting({ reason: 'ImagePullBackOff', message: 'no such host' }));
  const check = checkIn(LEAF, 'subscriber-receives-publisher');
  expect(check.judge(await check.probe(siteOf(ports, LEAF)))).toMatchObject({
    state: 'fail',
    because: 'the subscriber does not run',
    saw: expect.stringContaining('ImagePullBackOff: no such host'),
    permanent: { code: 'IMAGE_PULL_FAILED', afterSeconds: 45, remedy: expect.stringContaining('correct the image') },
  });
});
