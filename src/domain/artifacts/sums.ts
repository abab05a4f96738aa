const HASH = /^[0-9a-f]{64}$/;

/** The SHA-256 of a file by a publisher's list of `<sha256>  <name>` lines, or only of the hash. A host reads it in the same way. */
export function checksumIn(text: string, name: string): string | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const found = lines
    .map((line) => /^(\S+)\s+\*?(?:.*\/)?([^/\s]+)\s*$/.exec(line))
    .find((match) => match?.[2] === name)?.[1];
  const [only = ''] = lines.length === 1 ? lines : [];
  return [found, only.trim()].find((hash) => hash !== undefined && HASH.test(hash));
}
