import { ProvisionError } from '../../contract/errors.js';
import { OTHER_RELEASE, parseRender, renderedBy, type Rendered } from '../../domain/linkerd/render.js';
import type { Site } from '../site.js';

/** Renders with the `linkerd` command of the host; no API server is asked. @throws ProvisionError LINKERD_VERSION_DIFFERS */
export async function renderWith(site: Site, version: string, script: string): Promise<Rendered[]> {
  const options = { failFast: true, okCodes: [OTHER_RELEASE] };
  const { code, stdout } = await site.run(renderedBy(version, script), options);
  if (code !== OTHER_RELEASE) return parseRender(stdout);
  const release = stdout.trim();
  throw new ProvisionError(
    'LINKERD_VERSION_DIFFERS',
    release === ''
      ? `the linkerd command is not there; the topology asks for ${version}`
      : `the linkerd command is ${release}; the topology asks for ${version}`,
    'check linkerd.version and the artifacts',
    { host: site.host.name },
  );
}
