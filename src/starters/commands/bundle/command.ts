import { InvalidArgumentError, Option } from 'commander';
import { BUNDLE_DEFAULTS } from '../../../domain/artifacts/bundle-contents.js';
import type { Register } from '../../program/command.js';
import { withJson } from '../../program/options.js';
import type { BuildArguments } from './run.js';

/** Directories of artifacts for hosts without internet access. */
export const addBundle: Register = (program, run) => {
  const { k3s, linkerd } = BUNDLE_DEFAULTS;
  const bundle = program.command('bundle').description('directories of artifacts, for hosts without internet access');

  bundle
    .command('build')
    .description('make one from the public releases, or complete an existing one')
    .requiredOption('-o, --out <dir>', 'directory; created when it is missing')
    .addOption(new Option('--arch <arch>', 'of the hosts').choices(['amd64', 'arm64']).default('amd64'))
    .option('--k3s <version>', 'release of K3s', like(k3s, /^v1\.\d+\.\d+\+k3s\d+$/), k3s)
    .option('--linkerd <version>', 'release of Linkerd', like(linkerd, /^edge-\d+\.\d+\.\d+$/), linkerd)
    .option('--mirror <url>', 'a server with the layout of the public releases', webAddress)
    .action((options: BuildArguments) => run(async (context) => (await import('./run.js')).build(context, options)));

  withJson(
    bundle.command('verify <dir>').description('compare every file with the manifest; report all problems'),
  ).action((dir: string, options: { json?: boolean }) =>
    run(async (context) => (await import('./run.js')).verify(context, dir, options)),
  );

  withJson(bundle.command('list <dir>').description('show what is in one')).action(
    (dir: string, options: { json?: boolean }) =>
      run(async (context) => (await import('./run.js')).list(context, dir, options)),
  );
};

/** A version of the form of the one that is given. */
const like =
  (example: string, pattern: RegExp) =>
  (text: string): string => {
    if (!pattern.test(text)) throw new InvalidArgumentError(`must look like ${example}.`);
    return text;
  };

/** Checksums come from the same server. Plain http only to this machine, where nobody can change them on the way. */
const WEB_ADDRESS = /^(https:\/\/[^/\s@]+|http:\/\/127\.0\.0\.1(:\d+)?)(\/[^\s@]*)?$/;

function webAddress(text: string): string {
  if (!WEB_ADDRESS.test(text)) throw new InvalidArgumentError('must be an https URL without a user.');
  return text;
}
