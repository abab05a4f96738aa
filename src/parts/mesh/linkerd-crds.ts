import { CRD_MARKS } from '../../domain/linkerd/names.js';
import { renderCrdsScript } from '../../domain/linkerd/render.js';
import { part } from '../part.js';
import { actOnRendered } from '../objects/rendered-apply.js';
import { decideRendered, seeRendered, undoRendered, type RenderedPart } from '../objects/rendered.js';
import { renderWith } from './render.js';

const NAME = 'linkerd-crds';

const rendered = (version: string): RenderedPart => ({
  name: NAME,
  title: `Linkerd CRDs ${version}`,
  inputs: { version },
  render: (site) => renderWith(site, version, renderCrdsScript),
});

/** They need no image, so they come while images are imported. */
export const linkerdCrds = part({
  name: NAME,
  title: 'install Linkerd CRDs',
  phase: 'clusters',
  needs: ['k3s', 'linkerd-command'],
  livesIn: 'cluster',
  wanted: ({ settings: { linkerd } }): RenderedPart => rendered(linkerd.version),
  look: (site, wanted: RenderedPart, goal) =>
    seeRendered(site, goal === 'present' ? { ...wanted, marks: CRD_MARKS } : wanted),
  decide: decideRendered,
  undo: undoRendered,
  act: actOnRendered,
});
