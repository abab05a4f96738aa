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
