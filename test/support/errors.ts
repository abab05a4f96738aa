import type { ProvisionError } from '../../src/contract/errors.js';

/** The error that a call ends with; a call that succeeds is the failure. */
export async function failureOf(call: Promise<unknown>): Promise<ProvisionError> {
  try {
    await call;
  } catch (error) {
    return error as ProvisionError;
  }
  throw new Error('it did not fail');
}
