import { userInfo } from 'node:os';
import { join } from 'node:path';
import { ProvisionError } from '../../../contract/errors.js';
import {
  endpointText,
  routeText,
  SSH_PORT,
  type JumpTarget,
  type SshTarget,
} from '../../../contract/topology/topology.js';
import { given } from '../../../contract/topology/given.js';
import { hostConfig, type HostConfig } from '../config/host-config.js';
import { placeOf } from '../ssh-errors.js';
import type { Hop, LoginHost } from './login-host.js';
import type { KeySources } from './proofs.js';

/** A login with everything that decides how it is made. */
export interface Login {
  host: LoginHost;
  /** The jump host to go through. */
  via?: Hop;
  keys: KeySources;
  /** What ~/.ssh/config has and leafspan does not do. */
  skipped: readonly string[];
}

export interface LoginContext {
  agentSocket: string | undefined;
  /** Whose ~/.ssh is read; absent: no one's. */
  home: string | undefined;
}

const CONFIG = '~/.ssh/config';

/** The topology's values win over ~/.ssh/config. @throws ProvisionError SSH_KEY_UNREADABLE, SSH_UNREACHABLE */
export async function settleLogin(hop: Hop, { agentSocket, home }: LoginContext): Promise<Login> {
  const { ssh } = hop.host;
  const config = await configOf(ssh, home);
  const { jump, ...target } = ssh;
  const way = wayOf(hop, jump, config);
  const via = way === undefined ? undefined : viaOf(hop, way);
  const host: LoginHost = {
    ...hop.host,
    ssh: {
      ...target,
      ...targetOf(ssh, config),
      setIn: hop.setIn,
      ...given({ via: via === undefined ? undefined : await throughOf(via, home) }),
    },
  };
  const agent = config?.identityAgent ?? agentSocket;
  return {
    host,
    ...given({ via }),
    keys: {
      privateKeyFile: ssh.privateKeyFile,
      identityFiles: config?.identityFiles ?? [],
      certificateFiles: config?.certificateFiles ?? [],
      identitiesOnly: config?.identitiesOnly ?? false,
      agentSocket: agent === 'none' ? undefined : agent,
      sshDirectory: home === undefined ? undefined : join(home, '.ssh'),
    },
    skipped: config?.skipped ?? [],
  };
}

interface Way {
  jump: readonly JumpTarget[];
  setIn: (index: number) => string;
}

function wayOf(hop: Hop, jump: readonly JumpTarget[] | undefined, config: HostConfig | undefined): Way | undefined {
  // On the way to a jump host there are the ones before it, which `viaOf` has set.
  const setIn = (index: number): string => (hop.setIn === CONFIG ? CONFIG : `ssh.jump[${index}]`);
  if (jump !== undefined) return { jump, setIn };
  if (config?.proxyCommand !== undefined)
    throw new ProvisionError(
      'SSH_UNREACHABLE',
      `~/.ssh/config reaches ${hop.host.ssh.address} by ProxyCommand, which leafspan does not run`,
      'use ProxyJump there, or set ssh.jump in the topology',
      placeOf(hop.host),
    );
  return config?.jump === undefined ? undefined : { jump: config.jump, setIn: () => CONFIG };
}

/** The last jump host, with the ones before it as its own. */
function viaOf({ host, leadsTo }: Hop, { jump, setIn }: Way): Hop | undefined {
  const [last, before] = [jump.at(-1), jump.slice(0, -1)];
  if (last === undefined) return undefined;
  const target = before.length === 0 ? last : { ...last, jump: [...before] };
  const ahead = [...leadsTo, machineOf(host.ssh)];
  if (ahead.includes(machineOf(target)))
    throw new ProvisionError(
      'SSH_UNREACHABLE',
      `the way to ${host.name} leads through jump host ${endpointText(last)} and back to it`,
      `leave it out of its own ProxyJump in ~/.ssh/config: Host * !${last.address}`,
      placeOf(host),
    );
  return { host: { ...host, ssh: target }, setIn: setIn(before.length), leadsTo: ahead };
}

const machineOf = (ssh: SshTarget): string => `${ssh.user ?? ''}@${routeText(ssh)}`;

type Target = Pick<LoginHost['ssh'], 'address' | 'port' | 'user'>;

const targetOf = (ssh: SshTarget, config: HostConfig | undefined): Target => ({
  address: config?.hostName ?? ssh.address,
  port: ssh.port ?? config?.port ?? SSH_PORT,
  user: ssh.user ?? config?.user ?? userInfo().username,
});

const configOf = async (ssh: SshTarget, home: string | undefined): Promise<HostConfig | undefined> =>
  home === undefined
    ? undefined
    : hostConfig({ home, alias: ssh.address, user: ssh.user, localUser: userInfo().username });

/** As messages and `ssh-copy-id` name the jump host. */
const throughOf = async ({ host: { ssh } }: Hop, home: string | undefined): Promise<Target> =>
  targetOf(ssh, await configOf(ssh, home));
