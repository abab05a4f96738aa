import { createHash } from 'node:crypto';
import { parseObject } from '../../../contract/json.js';
import {
  confScript,
  hasNoShell,
  nudgeScript,
  parseConf,
  reloadScript,
  varzPath,
  type NatsApp,
} from '../../../domain/nats/reload.js';
import { awaited, type Missing } from '../../waiting/wait.js';
import type { Site } from '../../site.js';

/** The kubelet looks at a ConfigMap once a minute when the nudge is lost. */
const reload = (app: NatsApp) => ({
  timeoutMs: 2 * 60_000,
  look: `kubectl -n nats-system logs ${app}-0 -c nats`,
});

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const NO_SHELL: Missing = {
  saw: 'the image of the NATS server has no shell, so it cannot tell whether its new configuration has arrived',
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

/** What a server runs with; undefined while there is none to ask. */
export async function seeLoaded(site: Site, app: NatsApp): Promise<Loaded | undefined> {
  const kube = await site.kube();
  const varz = await kube.get(varzPath(app));
  if (varz.status !== 200) return undefined;
  const output = await site.print(confScript(app));
  const { config_digest: loaded } = parseObject<{ config_digest?: string }>(varz.body, {});
  const { file, digest } = parseConf(output);
  return { file, digest, loaded, output };
}

/** Whether the running server has loaded a configuration other than this one. A pod that cannot be asked proves nothing. */
export const runsOther = (seen: Loaded | undefined, conf: string): boolean =>
  seen?.file !== undefined && (seen.file !== sha256(conf) || seen.digest === undefined || seen.loaded !== seen.digest);

/**
 * Makes a running server load its configuration without a restart, so that no other connection is cut when a leaf, an account
 * or a user comes or goes. Done when the server itself reports the digest of the wanted file.
 */
export async function reloadConfiguration(site: Site, app: NatsApp, conf: string): Promise<void> {
  const wanted = sha256(conf);
  const done = { nudge: false, signal: false };
  await awaited(site, reload(app), async () => {
    const seen = await seeLoaded(site, app);
    if (seen === undefined) return 'the server does not respond';
    if (seen.file === undefined && hasNoShell(seen.output)) return NO_SHELL;
    if (seen.file !== wanted) {
      if (!done.nudge) await site.run(nudgeScript(app, wanted));
      done.nudge = true;
      return 'the new configuration is not in the pod yet';
    }
    if (seen.digest === undefined) return `the server refuses its configuration: ${seen.output.trim()}`;
    if (seen.loaded === seen.digest) return undefined;
    if (!done.signal) await site.run(reloadScript(app), { failFast: true });
    done.signal = true;
    return `the server has loaded ${seen.loaded ?? 'an unknown configuration'}, not ${seen.digest}`;
  });
}
