import { SHA256_FUNCTION } from '../hosts/checksum.js';
import { HOST_DIRECTORY, SUMS_FILE } from '../hosts/paths.js';
import { useHostProxies } from '../hosts/proxy.js';
import { quote } from '../hosts/quote.js';
import { stampScript } from './placement.js';
import { FETCH_FILE, IS_REFUSED, NO_ROOM } from './releases.js';
import { MAX_PROGRAM_MB, type ArchivedDownload, type ArchiveFormat, type ArchivedProgram } from './tools.js';

/** Under which a host keeps the checksum of a program that it has unpacked. */
export const recordOf = ({ sha256, member }: Pick<ArchivedProgram, 'sha256' | 'member'>): string =>
  `${sha256}:${member}`;

/**
 * Prints one member of a zip. A host need not have unzip: a member is the same stream as in a gzip file, between a header and
 * its checksum and length, which the zip's directory has. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
const ZIP = `unpack() {
  local size base method link packed at trailer name extra
  size=$(stat -c %s "$1"); base=$((size > 65557 ? size - 65557 : 0))
  read -r method link packed at trailer < <(tail -c +$((base + 1)) "$1" | od -An -v -tu1 -w1 | LC_ALL=C awk -v base=$base -v wanted="$2" '
    function number(from, bytes,  value) { value = 0; while (bytes-- > 0) value = value * 256 + byte[from + bytes]; return value }
    { byte[count++] = $1 + 0 }
    END {
      for (end = count - 22; end >= 0 && number(end, 4) != 101010256; end--) continue
      if (end < 0) exit 1
      entries = number(end + 10, 2)
      for (at = number(end + 16, 4) - base; entries-- > 0 && at >= 0 && number(at, 4) == 33639248; at += 46 + number(at + 28, 2) + number(at + 30, 2) + number(at + 32, 2)) {
        name = ""
        for (i = 0; i < number(at + 28, 2); i++) name = name sprintf("%c", byte[at + 46 + i])
        if (name != wanted) continue
        trailer = ""
        for (i = 16; i < 28; i++) if (i < 20 || i > 23) trailer = trailer sprintf("\\\\x%02x", byte[at + i])
        print number(at + 10, 2), int(number(at + 40, 2) / 4096) == 10, number(at + 20, 4), number(at + 42, 4), trailer
        exit
      }
    }') || return 1
  [ "$link" = 0 ] || return 1
  read -r name extra < <(od -An -v -tu2 -j $((at + 26)) -N 4 "$1")
  at=$((at + 30 + name + extra))
  case $method in
    0) tail -c +$((at + 1)) "$1" | head -c "$packed" ;;
    8) { printf '\\x1f\\x8b\\x08\\0\\0\\0\\0\\0\\0\\xff'; tail -c +$((at + 1)) "$1" | head -c "$packed"; printf "$trailer"; } | gzip -dc ;;
    *) return 1 ;;
  esac
}`;

const UNPACK: Readonly<Record<ArchiveFormat, string>> = {
  zip: ZIP,
  // Only to standard output: what else is in the archive, and where it wants to go, does not matter.
  'tar.gz': `unpack() { tar -xzOf "$1" -- "$2"; }`,
};

/**
 * Downloads an archive, checks it, and puts the program of it in its place. Prints `same|new <sha256> <path>`, of the program.
 * Exit codes as of downloads: 41, 43, 44, 45; and 46: the archive has no such file, 47: it is too large.
 */
export const unpackScript = (
  { url, sha256, format, member, path, mode, name }: ArchivedDownload,
  maxBytes = MAX_PROGRAM_MB << 20,
): string => `
${SHA256_FUNCTION}
command -v curl >/dev/null || exit 43
${useHostProxies}
${IS_REFUSED}
${FETCH_FILE}
${UNPACK[format]}
known=$(sed -n ${quote(`s|^\\([0-9a-f]\\{64\\}\\) ${recordOf({ sha256, member })}$|\\1|p`)} ${SUMS_FILE} 2>/dev/null | tail -n 1) || true
if [ -n "$known" ] && [ -f ${quote(path)} ] && [ "$(sha256 < ${quote(path)})" = "$known" ]; then chmod ${mode} ${quote(path)}; echo "same $known ${path}"; exit 0; fi
directory=$(dirname ${quote(path)}); mkdir -p "$directory" ${HOST_DIRECTORY}
archive=$(mktemp ${HOST_DIRECTORY}/unpack-XXXXXX); part=$(mktemp "$directory/.${name}.leafspan-XXXXXX"); trap 'rm -f "$archive" "$part"' EXIT
fetch_file "$archive" ${quote(url)} || { [ $? != ${NO_ROOM} ] || exit ${NO_ROOM}; is_refused ${quote(url)} && exit 45; exit 44; }
got=$(sha256 < "$archive")
[ "$got" = ${sha256} ] || { echo "got $got, wanted ${sha256}"; exit 41; }
(set -o pipefail; unpack "$archive" ${quote(member)} | head -c ${maxBytes + 1} > "$part") 2>/dev/null && whole=yes || whole=no
[ "$(stat -c %s "$part")" -le ${maxBytes} ] || exit 47
[ $whole = yes ] && [ -s "$part" ] || exit 46
sum=$(sha256 < "$part")
echo "$sum ${recordOf({ sha256, member })}" >> ${SUMS_FILE}
chmod ${mode} "$part"; mv -f "$part" ${quote(path)}
${stampScript([{ path, sha256: '$sum' }])}
echo "new $sum ${path}"
`;

/** Prints those of the names that are commands in another directory than ours. */
export const commandsElsewhereScript = (names: readonly string[], directory: string): string => `
for name in ${names.map(quote).join(' ')}; do
  found=$(type -P "$name") || continue
  [ "$found" = ${directory}/"$name" ] || echo "$name"
done
true
`;
