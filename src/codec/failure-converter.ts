import { DefaultFailureConverter } from '@temporalio/common';

/** Puts message and stack of a failure into a payload, which the codec encrypts. Temporal loads it by its path, here and in the sandbox. */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
