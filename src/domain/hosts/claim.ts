import { quote } from './quote.js';
import {
  ADOPTED_FILE,
  CLAIM_FILE,
  HOST_DIRECTORY,
  LEASE_FILES,
  MACHINE_ID_FILE,
  OWNER_FILE,
  RENDER_DIRECTORY,
  THEIRS_FILE,
} from './paths.js';

/** The mark on a host: whose it is, and what was there before. */
export interface Claim {
  topology: string;
  /** Name of the cluster that the host serves; absent in the form of earlier versions. */
  cluster?: string | undefined;
  /** The first 16 hex digits of the SHA-256 of the installation's NATS CA; absent in the form of earlier versions. */
  installation?: string | undefined;
  /** Of the host that was claimed: a copy of its disk is another machine. Absent in the form of earlier versions. */
  machine?: string | undefined;
  /** A K3s was there before the claim, so it stays as it is. Decided once, when the host is claimed. */
  adopted: boolean;
}

/** With the machine that it was seen on; undefined: that one has no identity that lasts. */
export type ClaimSeen =
  | { state: 'none'; machine?: string | undefined }
  | { state: 'held'; claim: Claim; form: 'current' | 'old'; machine?: string | undefined }
  | { state: 'unreadable'; file: string; saw: string };

/** Who asks for a host. */
export interface Claimant {
  topology: string;
  cluster: string;
  /** undefined: its NATS CA is not issued yet. */
  installation: string | undefined;
}

/** Bytes of a claim that are read. */
const MAX_BYTES = 4_096;

/**
 * Prints the claim on one line, in whichever form it is there; nothing without a claim. Then the machine: its architecture,
 * and the first 16 hex digits of the SHA-256 of its id. One that systemd has mounted is that of this boot only. Changes
 * nothing.
 */
export const claimFactsScript = `
echo "arch=$(uname -m)"
line() { local text; IFS= read -rN ${MAX_BYTES} text < "$1" || true; printf '%s' "\${text//$'\\n'/ }"; }
if [ -e ${CLAIM_FILE} ]; then echo "claim=$(line ${CLAIM_FILE})"
elif [ -e ${OWNER_FILE} ]; then
  echo "owner=$(line ${OWNER_FILE})"
  if [ -e ${ADOPTED_FILE} ]; then echo ownerAdopted=yes; fi
fi
if grep -qsxE '[0-9a-f]{32}' ${MACHINE_ID_FILE} && ! grep -qs ' ${MACHINE_ID_FILE} ' /proc/self/mounts; then
  id=$(sha256sum < ${MACHINE_ID_FILE}); echo "machineId=\${id:0:16}"
fi
`;

export function parseClaim(output: string): ClaimSeen {
  const value = (key: string): string | undefined => new RegExp(`^${key}=(.*)$`, 'm').exec(output)?.[1]?.trim();
  const [text, owner, machine] = [value('claim'), value('owner'), value('machineId')];
  if (text !== undefined) {
    const claim = claimIn(text);
    return claim === undefined ? unreadable(CLAIM_FILE, text) : { state: 'held', claim, form: 'current', machine };
  }
  if (owner === undefined) return { state: 'none', machine };
  if (owner === '') return unreadable(OWNER_FILE, owner);
  return { state: 'held', claim: { topology: owner, adopted: value('ownerAdopted') === 'yes' }, form: 'old', machine };
}

/** Characters of an unreadable claim that are shown. */
const MAX_SHOWN = 80;

const unreadable = (file: string, text: string): ClaimSeen => ({
  state: 'unreadable',
  file,
  saw: text === '' ? 'is empty' : `is not a claim: ${text.slice(0, MAX_SHOWN)}`,
});

function claimIn(text: string): Claim | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return isClaim(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** Fields that we do not know are those of a later version. */
function isClaim(value: unknown): value is Claim {
  if (typeof value !== 'object' || value === null || !('topology' in value) || !('adopted' in value)) return false;
  const { topology, adopted } = value;
  return (
    isName(topology) &&
    typeof adopted === 'boolean' &&
    (!('cluster' in value) || isName(value.cluster)) &&
    (!('installation' in value) || isDigest(value.installation)) &&
    (!('machine' in value) || isDigest(value.machine))
  );
}

const isName = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isDigest = (value: unknown): boolean => typeof value === 'string' && /^[0-9a-f]{16}$/.test(value);

export interface ClaimRefusal {
  code: 'HOST_LOCKED' | 'INSTALLATION_DIFFERS' | 'MACHINE_DIFFERS' | 'CLUSTER_DIFFERS' | 'CLAIM_UNREADABLE';
  message: string;
  remedy: string;
}

/** Why the host is not the claimant's; undefined: the host is not claimed, or it is. */
export function claimRefusal(seen: ClaimSeen, claimant: Claimant): ClaimRefusal | undefined {
  const { topology } = claimant;
  if (seen.state === 'none') return undefined;
  if (seen.state === 'unreadable')
    return {
      code: 'CLAIM_UNREADABLE',
      message: `${seen.file} ${seen.saw}`,
      remedy: `find out whose the host is, then restore its claim: ${JSON.stringify({ topology, adopted: false })}`,
    };
  const { claim } = seen;
  if (claim.topology !== topology)
    return {
      code: 'HOST_LOCKED',
      message: `belongs to topology "${claim.topology}"`,
      remedy: 'tear that topology down first, or use another host',
    };
  return ofOtherInstallation(claim, claimant) ?? ofOtherMachine(claim, seen.machine) ?? ofOtherCluster(claim, claimant);
}

function ofOtherInstallation(claim: Claim, { topology, installation }: Claimant): ClaimRefusal | undefined {
  if (claim.installation === undefined || claim.installation === installation) return undefined;
  const here = installation === undefined ? 'there is none here' : `the one here is ${installation}`;
  return {
    code: 'INSTALLATION_DIFFERS',
    message: `belongs to another installation of topology "${topology}": its NATS CA is ${claim.installation}, ${here}`,
    remedy: `use the machine and state directory that provisioned it, or restore topologies/${topology}/secrets from a backup`,
  };
}

/** A copy would take over node and identity of the host that it was made from. */
function ofOtherMachine(
  { topology, cluster = '?', machine }: Claim,
  here: string | undefined,
): ClaimRefusal | undefined {
  if (machine === undefined || here === undefined || machine === here) return undefined;
  return {
    code: 'MACHINE_DIFFERS',
    message: `is a copy of the host of cluster "${cluster}" of topology "${topology}": its claim names machine ${machine}, and this is machine ${here}`,
    remedy:
      'install the host from an image without leafspan; only if it is the same host with a new /etc/machine-id, ' +
      `write "machine":"${here}" into ${CLAIM_FILE}`,
  };
}

function ofOtherCluster({ topology, ...claim }: Claim, { cluster }: Claimant): ClaimRefusal | undefined {
  if (claim.cluster === undefined || claim.cluster === cluster) return undefined;
  return {
    code: 'CLUSTER_DIFFERS',
    message: `serves cluster "${claim.cluster}" of topology "${topology}", and the topology's file says cluster "${cluster}"`,
    remedy: `give the cluster its name "${claim.cluster}" back, or tear it down under that name first; a copy of its disk needs an image without leafspan`,
  };
}

/** Ours, as an interrupted claim or a deleted one may have left it. */
const OUR_NAMES =
  'claim\\.json|owner|adopted|before|files|sums|stamps|kubeconfigs|firewall|firewall-restore|k3s-install\\.sh|' +
  'k3s-not-restarted|kubectl|theirs|\\.claim-.*|unpack-.*';

/** The directory's name is a likely one: for the state of a worker on this host, or for a bundle. */
const recordTheirs = `
find ${HOST_DIRECTORY}/ -mindepth 1 -maxdepth 1 | grep -vE '/(${OUR_NAMES})$' > ${THEIRS_FILE} || true
[ -s ${THEIRS_FILE} ] || rm -f ${THEIRS_FILE}`;

/**
 * Writes the claim aside, synced, and gives it its name. `create` fails when another one was faster.
 * @param record script that writes down what is there, before the host is claimed
 */
export const writeClaimScript = (
  { topology, cluster, installation, machine, adopted }: Claim,
  way: 'create' | 'replace',
  record = '',
): string => `
mkdir -p -m 0755 ${HOST_DIRECTORY}
${way === 'create' ? `[ ! -e ${CLAIM_FILE} ]\n${recordTheirs.trim()}\n${record.trim()}` : ''}
rm -f ${HOST_DIRECTORY}/.claim-*
part=$(mktemp ${HOST_DIRECTORY}/.claim-XXXXXX); trap 'rm -f "$part"' EXIT
echo ${quote(JSON.stringify({ topology, cluster, installation, machine, adopted }))} > "$part"; chmod 0644 "$part"; sync "$part"
${way === 'create' ? 'ln' : 'mv -f'} "$part" ${CLAIM_FILE}
sync ${HOST_DIRECTORY} "$(dirname ${HOST_DIRECTORY})"
rm -f ${OWNER_FILE} ${ADOPTED_FILE}
`;

/** Removes the directory but for what others had in it; the claim goes last, so that an interrupted removal is found again. */
export const releaseScript = `
rm -rf ${RENDER_DIRECTORY}
list=$(find ${HOST_DIRECTORY}/ -mindepth 1 -maxdepth 1 ! -name claim.json ! -name owner ! -name adopted ! -name theirs)
while IFS= read -r path; do
  [ -z "$path" ] || grep -qsxF -- "$path" ${THEIRS_FILE} || rm -rf -- "$path"
done <<<"$list"
rm -f ${OWNER_FILE} ${ADOPTED_FILE} ${CLAIM_FILE} ${LEASE_FILES}.*
if [ -s ${THEIRS_FILE} ] || [ -L ${HOST_DIRECTORY} ] || mountpoint -q ${HOST_DIRECTORY}; then rm -f ${THEIRS_FILE}
else rmdir ${HOST_DIRECTORY}; fi
`;
