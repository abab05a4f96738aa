import { expect, test } from '@jest/globals';
import { overlaid } from '../../../src/domain/kubernetes/overlay.js';

test('an object gets what is wanted and keeps what is not spoken of', () => {
  const live = { kind: 'Server', metadata: { name: 'a', uid: '1' }, spec: { port: 'x', ports: [1, 2], other: true } };
  const wanted = { kind: 'Server', metadata: { name: 'a' }, spec: { port: 'client', ports: [3] } };
  expect(overlaid(live, wanted)).toEqual({
    kind: 'Server',
    metadata: { name: 'a', uid: '1' },
    spec: { port: 'client', ports: [3], other: true },
  });
});
