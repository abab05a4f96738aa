const UNITS = ['bytes', 'kB', 'MB', 'GB'] as const;

/** 0 bytes, 9.6 kB, 176.7 MB. */
export function bytes(count: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, count)) / 3));
  return power === 0 ? `${count} bytes` : `${(count / 1000 ** power).toFixed(1)} ${UNITS[power] ?? ''}`;
}
