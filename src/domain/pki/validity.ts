const [UTC_TIME, VERSION] = [0x17, 0xa0];
const PEM = /-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/;
const TIME = /^(\d+)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;

/**
 * When the first certificate of a text ends, in ms since the epoch; undefined: there is none. To parse all of it takes a
 * hundred times as long, which counts where a command reads those of a thousand leaves.
 */
export function notAfterIn(pem: string): number | undefined {
  const [, base64] = PEM.exec(pem) ?? [];
  if (base64 === undefined) return undefined;
  const [certificate] = elementsOf(bytesOf(base64));
  const [signed] = elementsOf(certificate?.value);
  const fields = elementsOf(signed?.value);
  // version, which may be absent, serial number, algorithm, issuer, validity (RFC 5280, 4.1)
  const [, end] = elementsOf(fields[fields[0]?.tag === VERSION ? 4 : 3]?.value);
  return end && timeOf(end);
}

/** Without Node's own, since workflows load this too. A text that was cut off is none. */
function bytesOf(base64: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  } catch {
    return undefined;
  }
}

interface Element {
  tag: number;
  value: Uint8Array;
}

/** The elements that follow each other in DER; what is cut off ends the list. */
function elementsOf(der: Uint8Array = new Uint8Array()): Element[] {
  const found: Element[] = [];
  for (let at = 0; at + 2 <= der.length;) {
    const [tag = 0, first = 0] = der.subarray(at, at + 2);
    const octets = first < 0x80 ? 0 : first - 0x80;
    const start = at + 2 + octets;
    const length = octets === 0 ? first : der.subarray(at + 2, start).reduce((sum, byte) => sum * 256 + byte, 0);
    if (start + length > der.length) break;
    found.push({ tag, value: der.subarray(start, start + length) });
    at = start + length;
  }
  return found;
}

/** UTCTime has two digits of the year, which are those of 1950 to 2049. */
function timeOf({ tag, value }: Element): number | undefined {
  const parts = TIME.exec(String.fromCharCode(...value))
    ?.slice(1)
    .map(Number);
  if (parts === undefined) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  const century = tag !== UTC_TIME ? 0 : year < 50 ? 2_000 : 1_900;
  return Date.UTC(century + year, month - 1, day, hour, minute, second);
}
