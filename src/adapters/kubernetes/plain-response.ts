/** A response of few bytes could unpack to more than fits into memory, so none may be packed. */
export const PLAIN = { 'accept-encoding': 'identity' } as const;

/** @throws Error for a response that is packed all the same */
export function mustBePlain(encoding: string | null | undefined): void {
  if ((encoding ?? 'identity') !== 'identity') throw new Error(`the response is packed as ${encoding ?? ''}`);
}
