import { expect, test } from '@jest/globals';
import { OF_DIRECT_LINKS } from '../support/doctor/faults/direct.js';
import { OF_EDGES } from '../support/doctor/faults/edge.js';
import { OF_LINKS } from '../support/doctor/faults/link.js';
import { OF_NATS } from '../support/doctor/faults/nats.js';
import { OF_SYSTEMS } from '../support/doctor/faults/system.js';
import { read } from './documents.js';

const ROWS = [...read('docs/doctor.md').matchAll(/^\| (.+?) +\| \[([\w-]+)\]\(troubleshooting/gm)].map(
  ([, fault = '', id = '']) => `${fault}: ${id}`,
);
const TESTED = [...OF_SYSTEMS, ...OF_NATS, ...OF_LINKS, ...OF_DIRECT_LINKS, ...OF_EDGES].map(
  ([fault, , first]) => `${fault}: ${first.split('@')[0] ?? ''}`,
);

test('docs/doctor.md lists the faults that are tested, each with what is named first', () => {
  expect(ROWS).toEqual(TESTED);
});
