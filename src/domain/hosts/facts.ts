import type { HostState } from '../../contract/plan.js';
import { rangeOf } from '../../contract/topology/ipv4-range.js';
import { parseClaim, type ClaimSeen } from './claim.js';
import { parseReach, type Reach } from './reach.js';

/** What was seen on a host, before anything was changed. */
export interface HostFacts {
  host: string;
  cluster: string;
  os: string;
  /** As the bundle names it: amd64, arm64, or what `uname -m` said. */
  arch: string;
  cpus: number;
  memoryMb: number;
  /** Of the file system that K3s's data is or will be on. */
  diskFreeMb: number;
  diskSizeMb: number;
  /** Of the same file system; 0 where it has as many as it needs. */
  inodes: number;
  inodesFree: number;
  /** Host clock minus ours. */
  clockOffsetMs: number;
  /** The host's own name resolves; without it every sudo waits for the resolver. */
  nameResolves: boolean;
  /** A kernel can have it and leave it off. */
  memoryCgroupOff: boolean;
  cgroupV1: boolean;
  /** Modules of the kernel that are neither there nor built in. */
  noModules: string[];
  /** Directories that even root cannot write, and those from which nothing can be run. */
  readOnly: string[];
  noExec: string[];
  /** Differs between machines, and from one start of a machine to the next. */
  machine?: string;
  /** IPv4 addresses of the host's own interfaces. */
  addresses: string[];
  routes: Route[];
  /** From where the operator's connection comes, as the host sees it. */
  operator?: string;
  firewall?: string;
  /** Ranges that rules of the firewall name. */
  firewallNames: string[];
  /** It is enforced, and K3s's policy for it is missing. */
  selinuxWithoutPolicy: boolean;
  /** Kernel features and tools that Kubernetes needs and that are missing on the host. */
  missing: string[];
  claim: ClaimSeen;
  /** What `k3s --version` says. */
  k3sVersion?: string;
  /** State of the unit k3s.service, as systemd names it, or NO_UNIT; absent without a K3s. */
  k3sUnit?: string;
  /** Data of a K3s, also of one that is gone. */
  k3sData: string[];
  /** Lines of K3s's own configuration file. */
  k3sConfig: string[];
  /** Lines of the files that K3s merges over it. */
  dropIns: DropInLine[];
  /** Variables that the unit of K3s gets from files of others. Their values may be secret. */
  k3sVariables: SetVariable[];
  /** Units or directories of another Kubernetes. */
  otherKubernetes: string[];
  /** The UDP port of K3s's network. */
  vxlanTaken: boolean;
  /** TCP ports that something listens on. */
  portsTaken: number[];
  reach: Reach[];
}

/** A route of the main table, but the default ones. */
export interface Route {
  interface: string;
  /** CIDR. */
  to: string;
}

export interface SetVariable {
  file: string;
  name: string;
}

export interface DropInLine {
  file: string;
  line: string;
}

/** A K3s that runs, started by something else than its unit. */
export const NO_UNIT = 'not its unit';

const ARCHES: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64' };

export function parseFacts(
  host: { name: string; cluster: string },
  output: string,
  clock: { beforeMs: number; afterMs: number },
): HostFacts {
  const lines = output.split('\n').flatMap((line) => {
    const at = line.indexOf('=');
    return at < 0 ? [] : [{ key: line.slice(0, at), value: line.slice(at + 1).trimEnd() }];
  });
  const whole = (key: string): string[] => lines.filter((line) => line.key === key).map(({ value }) => value);
  const all = (key: string): string[] => whole(key).map((value) => value.trim());
  const one = (key: string): string | undefined => all(key)[0];
  const number = (key: string): number => Number(one(key) ?? Number.NaN);
  const arch = one('arch') ?? 'unknown';
  return {
    host: host.name,
    cluster: host.cluster,
    os: one('os') ?? 'unknown',
    arch: ARCHES[arch] ?? arch,
    cpus: number('cpus'),
    memoryMb: number('memoryMb'),
    diskFreeMb: number('diskFreeMb'),
    diskSizeMb: Number(one('diskSizeMb') ?? 0),
    ...inodesIn(one),
    clockOffsetMs: Math.round(number('epochNs') / 1e6 - (clock.beforeMs + clock.afterMs) / 2),
    nameResolves: one('nameResolves') === 'yes',
    addresses: all('address'),
    routes: [...all('route').flatMap(routeIn), ...all('tableRoute').flatMap(routeOf)],
    firewallNames: all('firewallNames'),
    ...systemFacts(all),
    missing: all('missing'),
    claim: parseClaim(output),
    ...present({
      machine: one('machine'),
      operator: one('operator'),
      firewall: one('firewall'),
      k3sVersion: one('k3sVersion'),
      k3sUnit: one('k3sUnit'),
    }),
    k3sData: all('k3sData'),
    k3sConfig: whole('k3sConfig'),
    dropIns: whole('dropIn').map(dropInLine),
    k3sVariables: all('k3sVariable').map(variableOf),
    otherKubernetes: all('otherKubernetes'),
    vxlanTaken: one('vxlanTaken') === 'yes',
    portsTaken: all('portTaken').map(Number),
    reach: parseReach(output),
  };
}

/** Some file systems have no number of inodes, and df prints - or 0. */
function inodesIn(one: (key: string) => string | undefined): Pick<HostFacts, 'inodes' | 'inodesFree'> {
  const [inodes, inodesFree] = [Number(one('inodes') ?? 0), Number(one('inodesFree') ?? 0)];
  return inodes > 0 && inodesFree >= 0 ? { inodes, inodesFree } : { inodes: 0, inodesFree: 0 };
}

const systemFacts = (
  all: (key: string) => string[],
): Pick<HostFacts, 'memoryCgroupOff' | 'cgroupV1' | 'noModules' | 'readOnly' | 'noExec' | 'selinuxWithoutPolicy'> => ({
  memoryCgroupOff: all('memoryCgroup').includes('off'),
  cgroupV1: all('cgroupVersion').includes('1'),
  noModules: all('noModule'),
  readOnly: all('readOnly'),
  noExec: all('noExec'),
  selinuxWithoutPolicy: all('selinux').includes('yes'),
});

type OptionalFacts = 'machine' | 'operator' | 'firewall' | 'k3sVersion' | 'k3sUnit';

const present = (facts: Record<OptionalFacts, string | undefined>): Partial<Pick<HostFacts, OptionalFacts>> =>
  Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));

/** `eth0 0000000A 000000FF` is 10.0.0.0/8: the kernel prints its bytes from the last to the first. */
function routeIn(text: string): Route[] {
  const [name = '', to = '', mask = ''] = text.split(' ');
  if (!/^[0-9A-F]{8}$/i.test(to) || !/^[0-9A-F]{8}$/i.test(mask)) return [];
  const bits = bytesOf(mask).reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
  return bits === 0 ? [] : [{ interface: name, to: `${bytesOf(to).join('.')}/${bits}` }];
}

/** As `ip` prints it. */
function routeOf(text: string): Route[] {
  const [name = '', to = ''] = text.split(' ');
  return rangeOf(to) === undefined ? [] : [{ interface: name, to }];
}

const bytesOf = (hex: string): number[] => [6, 4, 2, 0].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));

function variableOf(text: string): SetVariable {
  const at = text.lastIndexOf(' ');
  return { file: text.slice(0, at), name: text.slice(at + 1) };
}

function dropInLine(text: string): DropInLine {
  const [file = ''] = text.split(' ', 1);
  return { file, line: text.slice(file.length + 1) };
}

export function hostState({ claim, otherKubernetes, ...facts }: HostFacts, topology: string): HostState {
  if (otherKubernetes.length > 0 || claim.state === 'unreadable') return 'foreign';
  if (claim.state === 'none') return hasK3s(facts) || facts.k3sData.length > 0 ? 'foreign' : 'none';
  if (claim.claim.topology !== topology) return 'foreign';
  return facts.k3sVersion !== undefined && facts.k3sUnit === 'active' ? 'ours' : 'partial';
}

export const hasK3s = ({ k3sVersion, k3sUnit }: Pick<HostFacts, 'k3sVersion' | 'k3sUnit'>): boolean =>
  k3sVersion !== undefined || k3sUnit !== undefined;
