import { quote } from './quote.js';
import { ADOPTED_FILE, CLAIM_FILE, HOST_DIRECTORY, OWNER_FILE, RENDER_DIRECTORY } from './paths.js';

/** The mark on a host: whose it is, and what was there before. */
export interface Claim {
  topology: string;
  /** The first 16 hex digits of the SHA-256 of the installation's NATS CA; absent in the form of earlier versions. */
  installation?: string | undefined;
  /** A K3s was there before the claim, so it stays as it is. Decided once, when the host is claimed. */
  adopted: boolean;
}

export type ClaimSeen =
  | { state: 'none' }
  | { state: 'held'; claim: Claim; form: 'current' | 'old' }
  | { state: 'unreadable'; file: string; saw: string };

/** Who asks for a host. */
export interface Claimant {
  topology: string;
  /** undefined: its NATS CA is not issued yet. */
  installation: string | undefined;
}

/** Bytes of a claim that are read. */
const MAX_BYTES = 4_096;

/** Prints the claim on one line, in whichever form it is there; nothing without a claim. Changes nothing. */
export const claimFactsScript = `
line() { head -c ${MAX_BYTES} "$1" | tr '\\n\\0' '  '; }
if [ -e ${CLAIM_FILE} ]; then echo "claim=$(line ${CLAIM_FILE})"
elif [ -e ${OWNER_FILE} ]; then
  echo "owner=$(line ${OWNER_FILE})"
  if [ -e ${ADOPTED_FILE} ]; then echo ownerAdopted=yes; fi
fi
`;

export function parseClaim(output: string): ClaimSeen {
  const value = (key: string): string | undefined => new RegExp(`^${key}=(.*)$`, 'm').exec(output)?.[1]?.trim();
  const [text, owner] = [value('claim'), value('owner')];
  if (text !== undefined) {
    const claim = claimIn(text);
    return claim === undefined ? unreadable(CLAIM_FILE, text) : { state: 'held', claim, form: 'current' };
  }
  if (owner === undefined) return { state: 'none' };
  if (owner === '') return unreadable(OWNER_FILE, owner);
  return { state: 'held', claim: { topology: owner, adopted: value('ownerAdopted') === 'yes' }, form: 'old' };
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
  const installation = 'installation' in value ? value.installation : '0'.repeat(16);
  return (
    typeof topology === 'string' &&
    topology !== '' &&
    typeof adopted === 'boolean' &&
    typeof installation === 'string' &&
    /^[0-9a-f]{16}$/.test(installation)
  );
}

export interface ClaimRefusal {
  code: 'HOST_LOCKED' | 'INSTALLATION_DIFFERS' | 'CLAIM_UNREADABLE';
  message: string;
  remedy: string;
}

/** Why the host is not the claimant's; undefined: the host is not claimed, or it is. */
export function claimRefusal(seen: ClaimSeen, { topology, installation }: Claimant): ClaimRefusal | undefined {
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
  if (claim.installation === undefined || claim.installation === installation) return undefined;
  const here = installation === undefined ? 'there is none here' : `the one here is ${installation}`;
  return {
    code: 'INSTALLATION_DIFFERS',
    message: `belongs to another installation of topology "${topology}": its NATS CA is ${claim.installation}, ${here}`,
    remedy: `use the machine and state directory that provisioned it, or restore topologies/${topology}/secrets from a backup`,
  };
}

/**
 * Writes the claim aside, synced, and gives it its name. `create` fails when another one was faster.
 * @param record script that writes down what is there, before the host is claimed
 */
export const writeClaimScript = (
  { topology, installation, adopted }: Claim,
  way: 'create' | 'replace',
  record = '',
): string => `
mkdir -p -m 0755 ${HOST_DIRECTORY}
${way === 'create' ? `[ ! -e ${CLAIM_FILE} ]\n${record.trim()}` : ''}
rm -f ${HOST_DIRECTORY}/.claim-*
part=$(mktemp ${HOST_DIRECTORY}/.claim-XXXXXX); trap 'rm -f "$part"' EXIT
echo ${quote(JSON.stringify({ topology, installation, adopted }))} > "$part"; chmod 0644 "$part"; sync "$part"
${way === 'create' ? 'ln' : 'mv -f'} "$part" ${CLAIM_FILE}
sync ${HOST_DIRECTORY} "$(dirname ${HOST_DIRECTORY})"
rm -f ${OWNER_FILE} ${ADOPTED_FILE}
`;

/** Removes the directory; the claim goes last, so that an interrupted removal is found again. */
export const releaseScript = `
rm -rf ${RENDER_DIRECTORY}
find ${HOST_DIRECTORY} -mindepth 1 -maxdepth 1 ! -name claim.json ! -name owner ! -name adopted -exec rm -rf {} +
rm -f ${OWNER_FILE} ${ADOPTED_FILE} ${CLAIM_FILE}
rmdir ${HOST_DIRECTORY}
`;
