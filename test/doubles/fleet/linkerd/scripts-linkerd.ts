import {
  gatewaysScript,
  controlPlaneCheckScript,
  multiclusterCheckScript,
} from '../../../../src/domain/linkerd/check-output.js';
import { CONTROL_PLANE, LINKERD_NAMESPACE } from '../../../../src/domain/linkerd/names.js';
import {
  linkerdVersionScript,
  renderControlPlaneScript,
  renderCrdsScript,
  renderedBy,
  renderMulticlusterScript,
  type ControlPlaneMaterial,
} from '../../../../src/domain/linkerd/render.js';
import { TOOLS_DIRECTORY } from '../../../../src/domain/hosts/paths.js';
import type { HostModel } from '../hosts/host-model.js';
import { built, exactly, lines, slowly, type Reply, type Understood } from '../hosts/understood.js';
import { unmodelled } from '../unmodelled.js';
import { LINKERD_VERSION } from './manifests.js';
import { gatewayOf, mirrorOf } from './mirror.js';
import { renderedControlPlane, renderedCrds, renderedExtension, type ExtensionValues } from './renders.js';

const hasCommand = ({ files }: HostModel): boolean => files.has(`${TOOLS_DIRECTORY}/linkerd`);

/** A render by the command of the host. */
const render =
  <P>(print: (parameters: P) => string) =>
  (host: HostModel, { parameters }: { parameters: P }): Reply =>
    hasCommand(host) ? slowly('render', print(parameters)) : unmodelled('a render without the linkerd command');

const rendering =
  <P>(read: (script: string) => P | undefined) =>
  (script: string): { version: string; parameters: P } | undefined => {
    const version = /^\[ "\$release" = '([^']+)' \]/m.exec(script)?.[1];
    const parameters = read(script);
    return version === undefined || parameters === undefined ? undefined : { version, parameters };
  };

const materialIn = (script: string): ControlPlaneMaterial | undefined => {
  const [anchors, certificate, privateKey] = [...script.matchAll(/<<'LEAFSPAN_PEM'\n([^]*?)\nLEAFSPAN_PEM\n/g)].map(
    ([, pem = '']) => pem,
  );
  return anchors === undefined || certificate === undefined || privateKey === undefined
    ? undefined
    : { anchors, certificate, privateKey };
};

const valuesIn = (script: string): ExtensionValues | undefined => {
  const json = /<<'LEAFSPAN_VALUES'\n(.*)\nLEAFSPAN_VALUES\n/.exec(script)?.[1];
  return json === undefined ? undefined : (JSON.parse(json) as ExtensionValues);
};

const crdsIn = (script: string): true | undefined => (script.endsWith(renderCrdsScript) ? true : undefined);

/** What a check of the command prints: one check for each of the statements. */
const findings = (categoryName: string, statements: Record<string, boolean>): string => {
  const checks = Object.entries(statements).map(([description, holds]) =>
    holds ? { description, result: 'success' } : { description, result: 'error', error: 'it is not available' },
  );
  return JSON.stringify({ success: true, categories: [{ categoryName, checks }] });
};

const controlPlane = ({ cluster }: HostModel): string =>
  findings(
    'linkerd-existence',
    Object.fromEntries(
      CONTROL_PLANE.map((name) => [`${name} is available`, cluster.isUp('Deployment', name, LINKERD_NAMESPACE)]),
    ),
  );

export const LINKERD_SCRIPTS: readonly Understood[] = [
  exactly(linkerdVersionScript, (host) => lines(hasCommand(host) && LINKERD_VERSION)),
  built(rendering(crdsIn), ({ version }) => renderedBy(version, renderCrdsScript), render(renderedCrds)),
  built(
    rendering(materialIn),
    ({ version, parameters }) => renderedBy(version, renderControlPlaneScript(parameters)),
    render(renderedControlPlane),
  ),
  built(
    rendering(valuesIn),
    ({ version, parameters }) => renderedBy(version, renderMulticlusterScript(parameters)),
    render(renderedExtension),
  ),
  built(
    (script) => / --expected-version (\S+) /.exec(script)?.[1],
    controlPlaneCheckScript,
    (host) => slowly('linkerdCheck', controlPlane(host)),
  ),
  exactly(multiclusterCheckScript, (host, world) => {
    const mirrored = { 'the hub is mirrored': mirrorOf(world, host) !== undefined };
    return slowly('linkerdCheck', `${controlPlane(host)}\n${findings('linkerd-multicluster', mirrored)}`);
  }),
  exactly(gatewaysScript, (host, world) => {
    const gateway = gatewayOf(world, host);
    const seen = gateway === undefined ? [] : [{ clusterName: gateway.hubName, alive: true, latency: 3 }];
    return slowly('render', JSON.stringify(seen));
  }),
];
