/** Addresses from the first to the last one, as numbers. */
export interface Ipv4Range {
  first: number;
  last: number;
}

const ADDRESS = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;

/** undefined: it is not an IPv4 address. */
function numberOf(address: string): number | undefined {
  if (!ADDRESS.test(address)) return undefined;
  return address.split('.').reduce((number, byte) => number * 256 + Number(byte), 0);
}

/** The range of a CIDR, or of a single address; undefined: it is neither. */
export function rangeOf(cidr: string): Ipv4Range | undefined {
  const [address = '', length = '32'] = cidr.split('/');
  const [number, bits] = [numberOf(address), Number(length)];
  if (number === undefined || !Number.isInteger(bits) || bits < 0 || bits > 32) return undefined;
  const size = 2 ** (32 - bits);
  const first = number - (number % size);
  return { first, last: first + size - 1 };
}

/** The CIDR without host bits; undefined: it is not a CIDR. */
export function networkOf(cidr: string): string | undefined {
  const range = rangeOf(cidr);
  return range === undefined ? undefined : `${addressOf(range.first)}/${cidr.split('/')[1] ?? '32'}`;
}

const addressOf = (number: number): string => [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.');

/** Whether two CIDRs or addresses have an address in common. What is neither has none. */
export function overlap(one: string, other: string): boolean {
  const [a, b] = [rangeOf(one), rangeOf(other)];
  return a !== undefined && b !== undefined && a.first <= b.last && b.first <= a.last;
}

/** Whether every address of the inner one is in the outer one. */
export function covers(outer: string, inner: string): boolean {
  const [a, b] = [rangeOf(outer), rangeOf(inner)];
  return a !== undefined && b !== undefined && a.first <= b.first && b.last <= a.last;
}
