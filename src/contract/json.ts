/**
 * JSON of a server or a command whose shape we rely on without checking it; where it comes from a person, use a schema.
 * @param otherwise what stands for `null` and for anything else that is no object
 * @throws SyntaxError
 */
export function parseObject<T extends object>(text: string, otherwise: T): T {
  const value: unknown = JSON.parse(text);
  return typeof value === 'object' && value !== null ? (value as T) : otherwise;
}
