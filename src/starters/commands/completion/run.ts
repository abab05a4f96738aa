import type { Command } from 'commander';
import type { Context } from '../../context.js';
import { printData } from '../../io.js';
import { renderBash } from './bash.js';
import { renderFish } from './fish.js';
import { pagesOf } from './pages.js';
import type { Shell } from './shells.js';
import { renderZsh } from './zsh.js';

const RENDER = { bash: renderBash, zsh: renderZsh, fish: renderFish };

export function completion({ io }: Context, program: Command, shell: Shell): Promise<number> {
  printData(io, RENDER[shell](pagesOf(program)));
  return Promise.resolve(0);
}
