import { expect, test } from '@jest/globals';
import { coreFigures, streamFigures } from '../../../src/domain/bench/figures.js';

/** As nats 0.4.0 and 0.5.0 write them. */
const HEAD = '#RunID,ClientID,MsgCount,MsgBytes,MsgsPerSec,BytesPerSec,DurationSecs';
const LATENCIES =
  'MinLatencyMicroSecs,AvgLatencyMicroSecs,MaxLatencyMicroSecs,P50LatencyMicroSecs,P90LatencyMicroSecs,P99LatencyMicroSecs,P99.9LatencyMicroSecs,StdDevLatencyMicroSecs';
const FLOW = `${HEAD}\nDPeQ,S0,50310,12800000,1221934,156407591.34,0.0409\n`;
const ASKED = `${HEAD},${LATENCIES}\nHC6H,P0,20000,1280000,11470,1468278.18,0.87,47.1,87.1,5595.7,79.5,112.9,180.1,1872.8,144.6\n`;
const MANY = `${HEAD},${LATENCIES}\nK,P0,2,128,3000,1,1,1,1,1,1,1,1,1,1\nK,P1,2,128,2000,1,1,1,1,1,1,1,1,1,1\n`;

const LATENCY = { p50Ms: 0.08, p99Ms: 0.18, p999Ms: 1.873, requests: 10_000 };

test('figures come from the tables of the nats command, latency from the one who asked', () => {
  expect(coreFigures(ASKED, FLOW)).toEqual({ ...LATENCY, messagesPerSecond: 1_221_934 });
});

test('messages that did not all arrive give no rate, and latency all the same', () => {
  expect(coreFigures(ASKED, '')).toEqual({ ...LATENCY, messagesPerSecond: undefined });
});

test('of many clients at once the rates are added', () => {
  expect(streamFigures(ASKED + MANY)).toEqual({ ...LATENCY, messagesPerSecond: 5_000 });
});

test.each([
  ['nothing', ''],
  ['a table without latencies', FLOW],
])('%s is an error that names the column', (_what, text) => {
  expect(() => coreFigures(text, FLOW)).toThrow('the nats command of the host reports no P50LatencyMicroSecs');
});
