import { createHash } from 'node:crypto';
import { parseObject } from '../../../contract/json.js';
import {
  brokerConfScript,
  hasNoShell,
  nudgeScript,
  parseBrokerConf,
  reloadScript,
  VARZ_PATH,
} from '../../../domain/nats/reload.js';
import { awaited, type Missing } from '../../waiting/wait.js';
import type { Site } from '../../site.js';

/** The kubelet looks at a ConfigMap once a minute when the nudge is lost. */
const RELOAD = { timeoutMs: 2 * 60_000, look: 'kubectl -n nats-system logs nats-broker-0 -c nats' };

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const NO_SHELL: Missing = {
  saw: 'the image of the broker has no shell, so nobody can tell whether its new configuration has arrived',
  permanent: {
    code: 'NATS_IMAGE_UNFIT',
    remedy: 'set nats.images.server to an image with a shell, such as nats:<version>-alpine',
    afterSeconds: 0,
  },
};

interface Loaded {
  /** SHA-256 of the configuration file in the pod, hex. */
  file: string | undefined;
  /** What the server would report once it has loaded that file; undefined when it refuses the file. */
  digest: string | undefined;
  /** What the running server reports. */
  loaded: string | undefined;
  output: string;
}

/** What the broker runs with; undefined while there is no broker to ask. */
export async function seeLoaded(site: Site): Promise<Loaded | undefined> {
  const kube = await site.kube();
  const varz = await kube.get(VARZ_PATH);
  if (varz.status !== 200) return undefined;
  const output = await site.print(brokerConfScript);
  const { config_digest: loaded } = parseObject<{ config_digest?: string }>(varz.body, {});
  const { file, digest } = parseBrokerConf(output);
  return { file, digest, loaded, output };
}

/** Whether the running broker has loaded a configuration other than this one. */
export const runsOther = (seen: Loaded | undefined, conf: string): boolean =>
  seen !== undefined && (seen.file !== sha256(conf) || seen.digest === undefined || seen.loaded !== seen.digest);

/**
 * Makes the running broker load its configuration without a restart, so that no other connection is cut when a leaf joins
 * or leaves. Done when the broker itself reports the digest of the wanted file.
 */
export async function reloadBroker(site: Site, conf: string): Promise<void> {
  const wanted = sha256(conf);
  const done = { nudge: false, signal: false };
  await awaited(site, RELOAD, async () => {
    const seen = await seeLoaded(site);
    if (seen === undefined) return 'the broker does not respond';
    if (seen.file === undefined && hasNoShell(seen.output)) return NO_SHELL;
    if (seen.file !== wanted) {
      if (!done.nudge) await site.run(nudgeScript(wanted));
      done.nudge = true;
      return 'the new configuration is not in the pod yet';
    }
    if (seen.digest === undefined) return `the broker refuses its configuration: ${seen.output.trim()}`;
    if (seen.loaded === seen.digest) return undefined;
    if (!done.signal) await site.run(reloadScript, { failFast: true });
    done.signal = true;
    return `the broker has loaded ${seen.loaded ?? 'an unknown configuration'}, not ${seen.digest}`;
  });
}
