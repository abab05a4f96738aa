import { test } from '@jest/globals';
import {
  controlPlaneCheckScript,
  gatewaysScript,
  multiclusterCheckScript,
} from '../../../src/domain/linkerd/check-output.js';
import {
  linkerdVersionScript,
  renderControlPlaneScript,
  renderCrdsScript,
  renderedBy,
  renderMulticlusterScript,
} from '../../../src/domain/linkerd/render.js';
import { webhookCertificatesScript } from '../../../src/domain/linkerd/webhooks.js';
import { expectGolden } from '../../support/golden.js';
import { madeUp } from '../../support/material.js';

const { certificate, privateKey } = madeUp('issuer');

test.each<[name: string, script: string]>([
  ['version', linkerdVersionScript],
  ['render-crds', renderCrdsScript],
  [
    'render-control-plane',
    renderControlPlaneScript({ anchors: madeUp('trust anchor').certificate, certificate, privateKey }),
  ],
  ['render-multicluster', renderMulticlusterScript({ gateway: { enabled: false } })],
  ['render-of-a-release', renderedBy('edge-26.8.3', renderCrdsScript)],
  ['check-control-plane', controlPlaneCheckScript('edge-26.8.3')],
  ['check-multicluster', multiclusterCheckScript],
  ['gateways', gatewaysScript],
  ['webhook-certificates', webhookCertificatesScript],
])('a host gets this script for Linkerd: %s', (name, script) => {
  expectGolden(`scripts/linkerd/${name}.sh`, script);
});
