import { defaultPayloadConverter, type Payload, type PayloadCodec } from '@temporalio/common';
import { textOf } from '../contract/caught.js';

/** A failure as the server sends it. */
export interface Failure {
  message?: string | null;
  encodedAttributes?: Payload | null;
}

/** What a failure says, which may be encrypted. */
export async function messageOfFailure(
  { message, encodedAttributes }: Failure,
  codecs: readonly PayloadCodec[],
): Promise<string | undefined> {
  if (!encodedAttributes) return message ?? undefined;
  let payloads = [encodedAttributes];
  for (const codec of codecs.toReversed()) payloads = await codec.decode(payloads);
  return payloads[0] && textOf(defaultPayloadConverter.fromPayload(payloads[0]), 'message');
}
