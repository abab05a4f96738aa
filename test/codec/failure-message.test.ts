import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { defaultPayloadConverter } from '@temporalio/common';
import { failureConverter } from '../../src/codec/failure-converter.js';
import { messageOfFailure } from '../../src/codec/failure-message.js';
import { HistoryKeys } from '../../src/codec/history-keys.js';
import { SealedPayloads } from '../../src/codec/sealed-payloads.js';

test('what a failure says is encrypted, and can be read with the key; one in clear is read as it is', async () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'leafspan-codec-'));
  const codec = new SealedPayloads(await HistoryKeys.open(stateDir));
  const failure = failureConverter.errorToFailure(new Error('vm-a: no SSH response'), defaultPayloadConverter);
  const [encodedAttributes = null] = await codec.encode(failure.encodedAttributes ? [failure.encodedAttributes] : []);
  expect(failure.message).toBe('Encoded failure');
  expect(await messageOfFailure({ ...failure, encodedAttributes }, [codec])).toBe('vm-a: no SSH response');
  expect(await messageOfFailure({ message: 'vm-b: no SSH response' }, [codec])).toBe('vm-b: no SSH response');
  rmSync(stateDir, { recursive: true });
});
