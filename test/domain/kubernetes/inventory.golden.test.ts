import { test } from '@jest/globals';
import { inventoryMap } from '../../../src/domain/kubernetes/inventory.js';
import { expectGoldenObjects } from '../../support/golden.js';
import { CONTROL_PLANE } from '../../support/renders.js';

test.each(['broker', 'leaf'])(
  'the inventory of the control plane on the %s cluster names each object on a line',
  (role) => {
    expectGoldenObjects(`objects/${role}-mesh/linkerd-inventory.yaml`, [
      inventoryMap('linkerd', {
        digest: 'digest-of-the-render',
        owned: 'digest-of-our-fields',
        objects: CONTROL_PLANE,
      }),
    ]);
  },
);
