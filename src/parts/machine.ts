import { claimFactsScript } from '../domain/hosts/claim.js';
import type { Site } from './site.js';

/** What the host says of its claim and of the machine that it is; an attempt asks once. */
export const seeMachine = (site: Site): Promise<string> => site.once('machine', () => site.look(claimFactsScript));

/** As bundles and releases name it. */
export const archOf = async (site: Site): Promise<string> =>
  /^arch=aarch64$/m.test(await seeMachine(site)) ? 'arm64' : 'amd64';
