import { IMAGES_FOLDER, INSTALL_SCRIPT, K3S_BINARY } from './artifacts.js';

/** Public release places of K3s. A mirror serves both under one origin, with the same paths. */
const RELEASES = 'https://github.com/k3s-io/k3s/releases/download';
const SOURCES = 'https://raw.githubusercontent.com/k3s-io/k3s';

export interface Download {
  url: string;
  path: string;
  mode: string;
  /** A file of `<sha256>  <name>` lines that K3s publishes beside it, and the name to look for. */
  sums: { url: string; name: string };
}

const BINARY_NAMES: Readonly<Record<string, string>> = { amd64: 'k3s', arm64: 'k3s-arm64' };

/** What a host downloads by itself when there is no bundle. NATS images are then pulled by K3s. */
export function k3sDownloads(version: string, arch: string, mirror?: string): Download[] {
  const tag = encodeURIComponent(version);
  const release =
    mirror === undefined ? `${RELEASES}/${tag}` : `${trimmed(mirror)}/k3s-io/k3s/releases/download/${tag}`;
  const source = mirror === undefined ? `${SOURCES}/${tag}` : `${trimmed(mirror)}/k3s-io/k3s/${tag}`;
  const sums = `${release}/sha256sum-${arch}.txt`;
  const binary = BINARY_NAMES[arch] ?? `k3s-${arch}`;
  const images = `k3s-airgap-images-${arch}.tar.zst`;
  return [
    { url: `${release}/${binary}`, path: K3S_BINARY, mode: '0755', sums: { url: sums, name: binary } },
    {
      url: `${release}/${images}`,
      path: `${IMAGES_FOLDER}/${images}`,
      mode: '0644',
      sums: { url: sums, name: images },
    },
    {
      url: `${source}/install.sh`,
      path: INSTALL_SCRIPT,
      mode: '0700',
      sums: { url: `${source}/install.sh.sha256sum`, name: 'install.sh' },
    },
  ];
}

const trimmed = (url: string): string => url.replace(/\/+$/, '');

/**
 * Downloads one file, checks it against the publisher's own checksum before it gets its name, and prints
 * `same|new <sha256> <path>`. Exit code 41: the checksum differs; 42: the checksum file has no such line; 43: no curl;
 * 44: one of the two cannot be fetched.
 */
export const downloadScript = ({ url, path, mode, sums }: Download): string => `
command -v curl >/dev/null || exit 43
folder=$(dirname '${path}'); mkdir -p "$folder"
sums=$(curl -fsSL --retry 3 --connect-timeout 10 '${sums.url}') || exit 44
wanted=$(awk '{n=$2; sub(/^\\*/, "", n); sub(/^.*\\//, "", n); if (n == "${sums.name}") print $1}' <<<"$sums")
[ -n "$wanted" ] || exit 42
if [ -f '${path}' ] && [ "$(sha256sum < '${path}' | cut -d' ' -f1)" = "$wanted" ]; then echo "same $wanted ${path}"; exit 0; fi
part=$(mktemp "$folder/.leafspan-XXXXXX"); trap 'rm -f "$part"' EXIT
curl -fsSL --retry 3 --connect-timeout 10 -o "$part" '${url}' || exit 44
[ "$(sha256sum < "$part" | cut -d' ' -f1)" = "$wanted" ] || exit 41
chmod ${mode} "$part"; mv -f "$part" '${path}'; trap - EXIT
echo "new $wanted ${path}"
`;
