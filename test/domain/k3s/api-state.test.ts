import { expect, test } from '@jest/globals';
import { parseApiState, type ApiState } from '../../../src/domain/k3s/api-state.js';

test.each<[host: string, printed: string, state: ApiState]>([
  ['a bare host', '', 'absent'],
  ['K3s that runs', 'installed\ndatastore\nactive\nkubeconfig\n', 'up'],
  ['K3s that has never started', 'installed\n', 'down'],
  ['K3s that starts for the first time', 'installed\ndatastore\nactive\n', 'down'],
  ['K3s that is stopped', 'installed\ndatastore\nkubeconfig\n', 'down'],
  ['K3s whose binary or unit was removed, while it runs', 'datastore\nactive\nkubeconfig\n', 'up'],
  ['K3s whose binary or unit was removed, stopped', 'datastore\nkubeconfig\n', 'down'],
])('the API of %s', (_, printed, state) => {
  expect(parseApiState(printed)).toBe(state);
});
