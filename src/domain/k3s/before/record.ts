import { BEFORE_DIRECTORY } from '../../hosts/paths.js';
import { quote } from '../../hosts/quote.js';
import { recordImagesScript } from './images.js';
import {
  FAMILIES,
  INTERFACES,
  K3S_DIRECTORIES,
  K3S_FILES,
  K3S_LINKS,
  KUBELET_LOGS,
  MOUNTS,
  SHARED_DIRECTORIES,
} from './places.js';

const CONFIGURATION = '/etc/rancher/k3s';

const SINGLE = [...K3S_FILES, ...K3S_LINKS];
const single = SINGLE.map(quote).join(' ');
const KEPT = `${BEFORE_DIRECTORY}/kept`;

const listed = [...K3S_DIRECTORIES, ...SHARED_DIRECTORIES, ...KUBELET_LOGS, ...SINGLE].map(quote).join(' ');

/**
 * Writes down what is on the host of all that a removal of K3s touches, and keeps a copy of configuration that was prepared
 * there, and of files that K3s's install script writes over. It runs before the host is claimed, when nothing of ours
 * is there. What it leaves out would be removed, so the list has no limit; it stays on the host.
 */
export const recordBeforeScript = `
rm -rf ${BEFORE_DIRECTORY}; mkdir -m 0700 ${BEFORE_DIRECTORY}
find -L ${listed} 2>/dev/null > ${BEFORE_DIRECTORY}/paths || true
awk '$2 ~ "${MOUNTS}" {print $2}' /proc/self/mounts > ${BEFORE_DIRECTORY}/mounts
ls /sys/class/net | grep -E ${quote(INTERFACES)} > ${BEFORE_DIRECTORY}/interfaces || true
for family in ${FAMILIES.join(' ')}; do
  if command -v $family-save >/dev/null; then $family-save > ${BEFORE_DIRECTORY}/$family || true; fi
done
if command -v ipset >/dev/null; then ipset list -n > ${BEFORE_DIRECTORY}/sets || true; fi
for file in ${single}; do
  if [ -e "$file" ] || [ -L "$file" ]; then mkdir -p ${KEPT}; cp -a "$file" "${KEPT}/\${file//\\//+}"; fi
done
if [ -d ${CONFIGURATION} ]; then cp -a ${CONFIGURATION} ${BEFORE_DIRECTORY}/configuration; fi
sync ${BEFORE_DIRECTORY}/*
`;

/** Of a K3s that was there before us only that is recorded which leafspan adds to. */
export const recordScript = (adopted: boolean): string => (adopted ? recordImagesScript : recordBeforeScript);

/** Shell functions that ask the record. A host that was claimed by an earlier version has none, so nothing was there. */
export const BEFORE_FUNCTIONS = `
was_there() { grep -qsxF -- "$1" ${BEFORE_DIRECTORY}/paths; }
was_mounted() { grep -qsxF -- "$1" ${BEFORE_DIRECTORY}/mounts; }
was_up() { grep -qsxF -- "$1" ${BEFORE_DIRECTORY}/interfaces; }
# A directory that was there stays, and so does what was in it, whether it is a mount, a link or neither.
inside() { for entry in "$1"/* "$1"/.[!.]* "$1"/..?*; do if [ -e "$entry" ] || [ -L "$entry" ]; then echo "$entry"; fi; done; }
clear() {
  if ! was_there "$1"; then rm -rf --one-file-system -- "$1"; return; fi
  [ -d "$1" ] || return 0
  inside "$1" | while IFS= read -r path; do clear "$path"; done
}
left() {
  [ -e "$1" ] || [ -L "$1" ] || return 0
  if ! was_there "$1"; then echo "file $1"; return; fi
  [ -d "$1" ] || return 0
  inside "$1" | while IFS= read -r path; do left "$path"; done
}
`;

/** Puts back what the owner had prepared for K3s; the removal of the rest does not touch it. */
export const restoreConfigurationScript = `
if [ -d ${BEFORE_DIRECTORY}/configuration ]; then mkdir -p ${CONFIGURATION}; cp -a ${BEFORE_DIRECTORY}/configuration/. ${CONFIGURATION}/; fi
for file in ${single}; do
  kept="${KEPT}/\${file//\\//+}"
  if [ -e "$kept" ] || [ -L "$kept" ]; then mkdir -p "$(dirname "$file")"; rm -rf "$file"; cp -a "$kept" "$file"; fi
done
`;
