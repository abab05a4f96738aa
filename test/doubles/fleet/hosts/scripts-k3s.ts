import { k3sCertificatesScript } from '../../../../src/domain/k3s/certificates.js';
import { imageListScript, importFailureScript } from '../../../../src/domain/k3s/images.js';
import { K3S_BINARY, K3S_CONFIG_FILE } from '../../../../src/domain/hosts/paths.js';
import { apiStateScript, k3sTracesScript } from '../../../../src/domain/k3s/api-state.js';
import { k3sFactsScript, K3S_UNIT, scriptOf, unitStateScript } from '../../../../src/domain/k3s/install.js';
import type { HostModel } from './host-model.js';
import { K3S_CERTIFICATE } from './k3s-certificate.js';
import { built, exactly, lines, type Understood } from './understood.js';

const UNIT_FILE = '/etc/systemd/system/k3s.service';
const BECAUSE = 'the double builds the script';
const writeScript = (config: string): string =>
  scriptOf({ verb: 'create', object: K3S_CONFIG_FILE, because: BECAUSE }, config);
const installScript = scriptOf({ verb: 'create', object: UNIT_FILE, because: BECAUSE }, '');
const unitScript = (verb: 'start' | 'restart'): string => scriptOf({ verb, object: K3S_UNIT, because: BECAUSE }, '');

const configIn = (script: string): string | undefined =>
  /<<'LEAFSPAN_CONFIG'\n([^]*)LEAFSPAN_CONFIG\n/.exec(script)?.[1];

const facts = ({ k3s, files, k3sFiles, k3sVersion }: HostModel, config: string | undefined): string =>
  lines(
    files.has(K3S_BINARY) && `version=${k3sVersion ?? ''}`,
    k3s.unit !== undefined && `unit=${k3s.state}`,
    k3s.unit?.enabled === true && 'enabled=yes',
    k3s.runs(k3sFiles) && 'current=yes',
    config !== undefined && `config=\n${config.replace(/\n$/, '')}`,
  );

export const K3S_SCRIPTS: readonly Understood[] = [
  exactly(k3sFactsScript, (host) => facts(host, host.text(K3S_CONFIG_FILE))),
  exactly(k3sCertificatesScript, ({ k3s }) => (k3s.unit === undefined ? '' : K3S_CERTIFICATE)),
  exactly(k3sTracesScript, ({ files, k3s }) =>
    lines(files.has(K3S_BINARY) && K3S_BINARY, k3s.unit !== undefined && UNIT_FILE),
  ),
  exactly(apiStateScript, ({ files, k3s }) =>
    lines(
      files.has(K3S_BINARY) && k3s.unit !== undefined && 'installed',
      k3s.state === 'active' && 'active',
      k3s.state === 'active' && 'kubeconfig',
    ),
  ),
  exactly(unitStateScript, ({ k3s }) => lines(k3s.state, k3s.state === 'active' && 'kubeconfig')),
  exactly(importFailureScript, () => ''),
  exactly(imageListScript, ({ images }) => lines(...images)),
  built(configIn, writeScript, (host, config) => {
    host.write(K3S_CONFIG_FILE, config, '0600');
    return '';
  }),
  exactly(installScript, (host) => {
    host.k3s.unit = { enabled: true };
    return '';
  }),
  exactly(unitScript('start'), (host) => {
    host.k3s.start(host.k3sFiles);
    return '';
  }),
  exactly(unitScript('restart'), (host) => {
    host.k3s.restart(host.k3sFiles);
    return '';
  }),
];
