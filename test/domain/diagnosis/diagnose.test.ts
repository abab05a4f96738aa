import { expect, test } from '@jest/globals';
import { diagnose } from '../../../src/domain/diagnosis/diagnose.js';
import { keyOf } from '../../../src/domain/diagnosis/examined.js';
import { BUNDLE_SOURCE } from '../../support/bundle.js';
import { someFailing, wronglyNamed } from '../../support/doctor/random.js';
import { seenOf } from '../../support/doctor/seen.js';
import { LOAD_BALANCER, twoClusters, twoLeaves } from '../../support/topologies.js';

const PAIR = 'cluster-a → cluster-b';
const mesh = twoClusters({ link: { mode: 'mesh', gateway: LOAD_BALANCER }, artifacts: BUNDLE_SOURCE });
const of = (failing: Record<string, string>, topology = mesh) => diagnose(seenOf(topology, failing), 'cluster-a');

test('when everything holds there is no cause', () => {
  expect(of({})).toEqual({ health: 'healthy', causes: [], unseen: [] });
});

test('one cut port is told as one cause, with all that it explains', () => {
  const { health, causes } = of({
    [`gateway-probe-open@${PAIR}`]: 'no response from 192.0.2.10:4191',
    [`gateway-alive@${PAIR}`]: 'no response',
    'link-healthy@cluster-b': 'liveness checks failed',
    [`service-mirrored@${PAIR}`]: 'no endpoint',
    'leaf-linked@cluster-b': 'no link',
    'broker-lists-leaf@cluster-b': 'no connection',
    'broker-lists-leaves@cluster-a': '1 of 1 is missing',
  });
  expect(health).toBe('found');
  expect(causes.map(({ check, certainty }) => [keyOf(check), certainty])).toEqual([
    [`gateway-probe-open@${PAIR}`, 'certain'],
  ]);
  expect(causes[0]?.explains).toEqual(
    expect.arrayContaining(['leaf-linked@cluster-b', `service-mirrored@${PAIR}`, `message-broker-to-leaf@${PAIR}`]),
  );
});

test('a gateway that is down is one cause for all leaves', () => {
  const topology = twoClusters({ ...mesh, leaves: twoLeaves() });
  const { causes } = of(
    {
      'gateway-available@cluster-a': 'ErrImagePull',
      [`gateway-alive@${PAIR}`]: 'no response',
      'gateway-alive@cluster-a → cluster-c': 'no response',
      'leaf-linked@cluster-b': 'no link',
      'leaf-linked@cluster-c': 'no link',
    },
    topology,
  );
  expect(causes.map(({ check }) => keyOf(check))).toEqual(['gateway-available@cluster-a']);
});

test('a symptom with nothing that fails below it is told as unclear', () => {
  const { health, causes } = of({ 'leaf-linked@cluster-b': 'no link' });
  expect(health).toBe('unclear');
  expect(causes[0]).toMatchObject({ certainty: 'unclear', check: { id: 'leaf-linked' } });
});

test('what could not be looked at is no cause, and makes the one above it unclear', () => {
  const { health, causes } = of({
    [`trust-anchor-shared@${PAIR}`]: 'silent',
    'leaf-path-encrypted@cluster-b': 'no identity',
  });
  expect(health).toBe('unclear');
  expect(causes[0]).toMatchObject({
    check: { id: 'leaf-path-encrypted' },
    certainty: 'unclear',
    unseen: [`trust-anchor-shared@${PAIR}`],
  });
});

test('without a response and without a failure the cause is unclear', () => {
  const { health, causes, unseen } = of({ 'linkerd-healthy@cluster-a': 'silent' });
  expect({ health, causes, unseen }).toEqual({ health: 'unclear', causes: [], unseen: ['linkerd-healthy@cluster-a'] });
});

test('a part that differs is told as likely, with what fails by itself if it is harmless', () => {
  const { causes } = of({
    'part-as-wanted@cluster-b/leaf-node': 'StatefulSet/nats-leaf was changed',
    'leaf-ready@cluster-b': 'CrashLoopBackOff',
  });
  expect(causes[0]).toMatchObject({ certainty: 'likely', otherwise: ['leaf-ready@cluster-b'] });
});

test('a part that differs comes after what explains the same for sure', () => {
  const { causes } = of({
    'part-as-wanted@cluster-b/subscriber': 'Deployment/subscriber was changed',
    [`gateway-reachable@${PAIR}`]: 'no response from 192.0.2.10:4143',
    [`subscriber-receives-publisher@${PAIR}`]: 'no message',
    'leaf-linked@cluster-b': 'no link',
  });
  expect(causes.map(({ check }) => check.id)).toEqual(['gateway-reachable', 'part-as-wanted']);
});

test('what was not looked at is explained by what it needs, and by nothing that might explain it too', () => {
  const { causes } = of({
    'host-responds@cluster-b': 'no SSH response',
    'certificates-fit@cluster-b': 'there is none',
  });
  expect(causes.map(({ check }) => check.id)).toEqual(['host-responds', 'certificates-fit']);
  expect(causes[1]?.explains).toEqual([]);
});

test('warnings come last, and alone they are no failure', () => {
  expect(of({ 'certificates-last@cluster-a': '20 days' })).toMatchObject({ health: 'warned' });
  const { causes } = of({ 'certificates-last@cluster-a': '20 days', 'broker-ready@cluster-a': 'CrashLoopBackOff' });
  expect(causes.map(({ check }) => check.id)).toEqual(['broker-ready', 'certificates-last']);
});

test('whatever fails, no cause is named whose own cause fails too, and all that fails is explained', () => {
  expect(wronglyNamed(mesh, someFailing(mesh, 500))).toEqual([]);
});
