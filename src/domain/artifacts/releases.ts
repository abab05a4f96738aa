import { useHostProxies } from '../hosts/proxy.js';
import { quote } from '../hosts/quote.js';
import { SHA256_FUNCTION } from '../hosts/checksum.js';
import type { ArtifactKind } from './bundle-manifest.js';
import { markStale } from './placement.js';
import { IMAGES_DIRECTORY, INSTALL_SCRIPT, K3S_BINARY, TOOLS_DIRECTORY, SUMS_FILE } from '../hosts/paths.js';

/** Public release places. A mirror serves them all under one origin, with the same paths. */
const RELEASES = 'https://github.com';
const SOURCES = 'https://raw.githubusercontent.com';

/** A file that its publisher has put out with a checksum. */
export interface Published {
  url: string;
  /** A file that lies beside it, of `<sha256>  <name>` lines or only of the hash, and the name to look for. */
  sums: { url: string; name: string };
}

export interface Download extends Published {
  kind: ArtifactKind;
  path: string;
  mode: string;
}

/** A file whose checksum is known here: nothing is published beside it. */
export interface PinnedDownload {
  url: string;
  sha256: string;
}

const trimmed = (url: string): string => url.replace(/\/+$/, '');

/** Where files of repositories are. */
export const sourcesAt = (mirror?: string): string => trimmed(mirror ?? SOURCES);

const BINARY_NAMES: Readonly<Record<string, string>> = { amd64: 'k3s', arm64: 'k3s-arm64' };

/** `imageList`: the references in `images`, one per line. */
export function k3sRelease(
  version: string,
  arch: string,
  mirror?: string,
): Record<'binary' | 'images' | 'imageList' | 'installScript', Published> {
  const tag = encodeURIComponent(version);
  const release = `${trimmed(mirror ?? RELEASES)}/k3s-io/k3s/releases/download/${tag}`;
  const source = `${sourcesAt(mirror)}/k3s-io/k3s/${tag}`;
  const asset = (name: string): Published => ({
    url: `${release}/${name}`,
    sums: { url: `${release}/sha256sum-${arch}.txt`, name },
  });
  return {
    binary: asset(BINARY_NAMES[arch] ?? `k3s-${arch}`),
    images: asset(`k3s-airgap-images-${arch}.tar.zst`),
    imageList: asset('k3s-images.txt'),
    installScript: {
      url: `${source}/install.sh`,
      sums: { url: `${source}/install.sh.sha256sum`, name: 'install.sh' },
    },
  };
}

/** What a host downloads by itself when there is no bundle. NATS images are then pulled by K3s. */
export function k3sDownloads(version: string, arch: string, mirror?: string): Download[] {
  const { binary, images, installScript } = k3sRelease(version, arch, mirror);
  return [
    { ...binary, kind: 'k3s', path: K3S_BINARY, mode: '0755' },
    { ...images, kind: 'images', path: `${IMAGES_DIRECTORY}/${images.sums.name}`, mode: '0644' },
    { ...installScript, kind: 'k3s-install', path: INSTALL_SCRIPT, mode: '0700' },
  ];
}

export function linkerdRelease(version: string, arch: string, mirror?: string): Published {
  const name = `linkerd2-cli-${version}-linux-${arch}`;
  const url = `${trimmed(mirror ?? RELEASES)}/linkerd/linkerd2/releases/download/${version}/${name}`;
  return { url, sums: { url: `${url}.sha256`, name } };
}

/** Linkerd's command line, by which a host installs the mesh. Its images are then pulled by K3s. */
export const linkerdDownloads = (version: string, arch: string, mirror?: string): Download[] => [
  { ...linkerdRelease(version, arch, mirror), kind: 'cli', path: `${TOOLS_DIRECTORY}/linkerd`, mode: '0755' },
];

export const GATEWAY_API_VERSION = 'v1.5.1';

/**
 * The standard channel at the tag, in the order of the names. It is the newest that Linkerd is tested with.
 * The checksums were taken from the repository at its tag and agree with the files of the Go module of that version.
 */
const GATEWAY_API_FILES: readonly (readonly [name: string, sha256: string])[] = [
  ['backendtlspolicies', '9b8818172153d72f9c84032db0be0a4a657277d13f5bbc22226ad9481ff57971'],
  ['gatewayclasses', '234ad4b2757ee1b3596a4187bb98df071c5bbdd9e1806f692f2dbf8387e6bef4'],
  ['gateways', '7416e8300eb4d8c0a71a23445609075bbacbe8bc80104584b019cfe1ebe77c31'],
  ['grpcroutes', '979f4125d44d3df24659ba00d1d04ff8e76c45423193e8aae82dd5810d7827df'],
  ['httproutes', '682203b109baecb18d38073a578f7bc2c17d22fe9b0c27bf030850abe014c370'],
  ['listenersets', '9221468d19fdfbb0026113b1ef64abac64f27607975aff2410361b8b38f0e0bb'],
  ['referencegrants', 'a8902c486eed0b7339f5bb8a476ccaba0918eb038048402bdc01cbb69b0fbb51'],
  ['tlsroutes', '818e4827c469a40e2527a2851591e656782c50fea8dd44812c900d219da09345'],
  ['vap_safeupgrades', '981a4da92706cb567c051e006ff229429947f054b90cd0719c297abe14f958a1'],
];

export const gatewayApiDownloads = (mirror?: string): PinnedDownload[] =>
  GATEWAY_API_FILES.map(([name, sha256]) => ({
    url: `${sourcesAt(mirror)}/kubernetes-sigs/gateway-api/${GATEWAY_API_VERSION}/config/crd/standard/gateway.networking.k8s.io_${name}.yaml`,
    sha256,
  }));

/** A redirection must not lead away from TLS, which is what the checksum's origin rests on. */
const TLS_ONLY = "--proto-redir '=https'";

/**
 * Whether the server says that it does not have the file, or not for us, or a proxy that we may not go there: asking again
 * does not help.
 */
export const IS_REFUSED = `is_refused() {
  case $(curl -sL ${TLS_ONLY} -r 0-0 -o /dev/null -w '%{http_code} %{http_connect}' --connect-timeout 10 --max-time 30 "$1") in
    401' '* | 403' '* | 404' '* | 410' '* | *' '403 | *' '407) return 0 ;;
  esac
  return 1
}`;

/** In units of 1,024 bytes. The largest file of a release is a tenth of it; a server may send without end. */
const MAX_FILE_KB = 4_194_304;

/** Exit code of a download for which there is no room; what says so is on the standard error. */
export const NO_ROOM = 28;

/** Commands that download to a file: `$1` is the file, `$2` the address. curl does not say why it cannot write, head does. */
export const FETCH_FILE = `fetch_file() {
  (ulimit -f ${MAX_FILE_KB}; curl -fsSL --retry 3 --connect-timeout 10 ${TLS_ONLY} -o "$1" "$2") && return
  head -c 65536 /dev/zero >> "$1" || return ${NO_ROOM}
  return 1
}`;

/** A list of checksums has some ten lines. */
const MAX_LIST_BYTES = 65_536;

/**
 * Downloads one file, checks it against the publisher's own checksum before it gets its name, and prints
 * `same|new <sha256> <path>`. Exit code 41: the checksum differs; 42: the checksum file has no such line; 43: no curl;
 * 44: one of the two cannot be fetched; 45: the server does not have one of them, or not for us.
 */
export const downloadScript = ({ url, path, mode, sums }: Download): string => `
${SHA256_FUNCTION}
command -v curl >/dev/null || exit 43
${useHostProxies}
${IS_REFUSED}
${FETCH_FILE}
failed() { is_refused "$1" && exit 45; exit 44; }
directory=$(dirname ${quote(path)}); mkdir -p "$directory"
sums=$(set -o pipefail; curl -fsSL --retry 3 --connect-timeout 10 --max-time 60 ${TLS_ONLY} ${quote(sums.url)} | head -c ${MAX_LIST_BYTES}) || failed ${quote(sums.url)}
wanted=$(awk '
  NF == 1 && length($1) == 64 { alone = $1 }
  { name = $2; sub(/^\\*/, "", name); sub(/^.*\\//, "", name) }
  name == "${sums.name}" { named = $1 }
  END { print named != "" ? named : NR == 1 ? alone : "" }
' <<<"$sums")
[ -n "$wanted" ] || exit 42
known="$wanted "${quote(url)}
grep -qsxF -- "$known" ${SUMS_FILE} || { mkdir -p "$(dirname ${SUMS_FILE})"; echo "$known" >> ${SUMS_FILE}; }
if [ -f ${quote(path)} ] && [ "$(sha256 < ${quote(path)})" = "$wanted" ]; then chmod ${mode} ${quote(path)}; echo "same $wanted ${path}"; exit 0; fi
part=$(mktemp "$directory/.leafspan-XXXXXX"); trap 'rm -f "$part"' EXIT
fetch_file "$part" ${quote(url)} || { [ $? != ${NO_ROOM} ] || exit ${NO_ROOM}; failed ${quote(url)}; }
got=$(sha256 < "$part")
[ "$got" = "$wanted" ] || { echo "got $got, wanted $wanted"; exit 41; }
${[`chmod ${mode} "$part"`, ...markStale(path), `mv -f "$part" ${quote(path)}`].join('; ')}; trap - EXIT
echo "new $wanted ${path}"
`;

/**
 * Prints the publishers' lists of checksums, each after a line `list <url>`. One that cannot be fetched is left out, or is a
 * line `refused <url>`. Before them come checksums of earlier downloads, `known <sha256> <url>`. Nothing else is fetched, and
 * nothing is changed. Exit code 43: no curl.
 */
export const checksumListsScript = (urls: readonly string[]): string => `
command -v curl >/dev/null || exit 43
${useHostProxies}
${IS_REFUSED}
fetch() {
  local list
  list=$(set -o pipefail; curl -fsSL --connect-timeout 10 --max-time 30 ${TLS_ONLY} "$1" | head -c ${MAX_LIST_BYTES + 1}) || { is_refused "$1" && echo "refused $1"; return 0; }
  # What fits into the pipe after the cut is written without an error, so the length decides.
  [ "$(printf %s "$list" | wc -c)" -le ${MAX_LIST_BYTES} ] || return 0
  echo "list $1"; echo "$list"
}
[ ! -f ${SUMS_FILE} ] || sed 's/^/known /' ${SUMS_FILE}
${urls.map((url) => `fetch ${quote(url)}`).join('\n')}
`;

export interface ChecksumLists {
  /** By their addresses. */
  lists: Map<string, string>;
  /** Addresses at which there is no list for us. */
  refused: string[];
  /** Of earlier downloads, by the address of the file. */
  known: Map<string, string>;
}

export function parseChecksumLists(output: string): ChecksumLists {
  const parts = output.split(/^(?=list |refused |known )/m);
  const after = (word: string): string[] =>
    parts.filter((part) => part.startsWith(`${word} `)).map((part) => part.slice(word.length + 1));
  return {
    lists: new Map(
      after('list').map((text) => [text.slice(0, text.indexOf('\n')), text.slice(text.indexOf('\n') + 1)]),
    ),
    refused: after('refused').map((line) => line.trim()),
    known: new Map(
      after('known').flatMap((line) => {
        const [sha256 = '', url] = line.trim().split(' ');
        return url === undefined ? [] : [[url, sha256] as const];
      }),
    ),
  };
}

/**
 * Prints the files one after the other as documents of one YAML text, each checked first. Exit codes as above: 41, 43, 44.
 */
export const printPinnedScript = (files: readonly PinnedDownload[]): string => `
${SHA256_FUNCTION}
command -v curl >/dev/null || exit 43
${useHostProxies}
${FETCH_FILE}
work=$(mktemp -d) || exit 1; trap 'rm -rf "$work"' EXIT
put() {
  fetch_file "$work/file" "$1" || { echo "$1" >&2; exit 44; }
  [ "$(sha256 < "$work/file")" = "$2" ] || { echo "$1" >&2; exit 41; }
  echo ---; cat "$work/file"
}
${files.map(({ url, sha256 }) => `put ${quote(url)} ${sha256}`).join('\n')}
`;
