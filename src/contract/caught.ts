/** What was caught may be anything: these read the parts that errors of Node, libraries and Temporal have. */

export const fieldOf = (caught: unknown, name: string): unknown =>
  typeof caught === 'object' && caught !== null ? Reflect.get(caught, name) : undefined;

export function textOf(caught: unknown, name: string): string | undefined {
  const value = fieldOf(caught, name);
  return typeof value === 'string' ? value : undefined;
}

/** Such as ENOENT. */
export const codeOf = (caught: unknown): string | undefined => textOf(caught, 'code');

export const causeOf = (caught: unknown): unknown => fieldOf(caught, 'cause') ?? undefined;

export const messageOf = (caught: unknown): string => textOf(caught, 'message') ?? String(caught);

/** Not by its class: an error may come from another realm. */
const isError = (caught: unknown): caught is Error => textOf(caught, 'message') !== undefined;

/** Whatever was thrown, as an Error; the reason of a signal may be anything. */
export const errorOf = (caught: unknown): Error => (isError(caught) ? caught : new Error(String(caught)));
