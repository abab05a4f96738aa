const HIDDEN = '[redacted]';

/** `key: value` and `key=value` of what is secret, in YAML, JSON, environment files and command lines. */
const NAMED =
  /((?<!\bNO)(?:k3s_)?(?:token|password|passwd|passphrase|secret)|client-key-data|(?:id|access|refresh)-token)(["']?\s*[=:]\s*)("[^"]*"|'[^']*'|\S+)/gi;
const BEARER = /(bearer\s+)[\w.~+/=-]{8,}/gi;
/** The same among the arguments of a command. */
const ARGUMENT = /(--[\w-]*(?:token|password|passwd|passphrase|secret)\s+)("[^"]*"|'[^']*'|\S+)/gi;
const BASIC = /(authorization["']?\s*[=:]\s*["']?basic\s+)[\w+/=-]+/gi;
/** K3s's token with the hash of its CA, and a bootstrap token. */
const JOIN_TOKEN = /\bK10[\w.-]*::[\w.:-]+|\b[a-z0-9]{6}\.[a-z0-9]{16}\b/g;
const AGE_KEY = /\bAGE-SECRET-KEY-1[A-Z0-9]+/gi;
/** What goes before the host of a URL: a user, a password, a token. */
const USER_INFO = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@'"]+@/gi;
/** JSON web tokens, which service accounts use. */
const JWT = /\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g;
/** A PEM block in base64, as the data of a Secret is. */
const ENCODED_PEM = /LS0tLS1CRUdJTi[\w+/]*={0,2}/g;
const PEM_BEGIN = /-----BEGIN [^-]+-----/;
const PEM_END = /-----END [^-]+-----/;
/** A whole line of base64, as in a PEM block whose begin was cut off; a checksum in hex is none. */
const PEM_LINE = /^\s*(?![0-9a-f]+\s*$)[A-Za-z0-9+/]{40,}={0,2}\s*$/;

/** Hides private material in text that goes into messages and logs. Cut PEM blocks are recognised too. */
export function redact(text: string): string {
  return withoutPem(text.split('\n'))
    .join('\n')
    .replace(BEARER, `$1${HIDDEN}`)
    .replace(NAMED, `$1$2${HIDDEN}`)
    .replace(ARGUMENT, `$1${HIDDEN}`)
    .replace(BASIC, `$1${HIDDEN}`)
    .replace(JOIN_TOKEN, HIDDEN)
    .replace(AGE_KEY, HIDDEN)
    .replace(USER_INFO, `$1${HIDDEN}@`)
    .replace(JWT, HIDDEN)
    .replace(ENCODED_PEM, HIDDEN);
}

function withoutPem(lines: string[]): string[] {
  const kept: string[] = [];
  let inside = false;
  for (const line of lines) {
    const [begins, ends] = [PEM_BEGIN.test(line), PEM_END.test(line)];
    if (begins || ends || inside || PEM_LINE.test(line)) {
      if (kept.at(-1) !== HIDDEN) kept.push(HIDDEN);
    } else {
      kept.push(line);
    }
    if (begins) inside = true;
    if (ends) inside = false;
  }
  return kept;
}

/** The last lines of a command's output, redacted as a whole first. */
export const lastLines = (text: string, count: number): string =>
  redact(text).trimEnd().split('\n').slice(-count).join('\n').trim();
