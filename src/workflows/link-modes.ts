import type { Topology } from '../contract/topology.js';
import { directLink } from './direct-link.js';
import type { LinkMode } from './link-mode.js';
import { meshLink } from './mesh-link.js';

export const linkModeOf = ({ link }: Topology): LinkMode =>
  link.mode === 'mesh' ? meshLink(link.gateway) : directLink;
