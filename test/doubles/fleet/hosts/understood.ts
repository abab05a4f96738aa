import type { Work } from '../pace.js';
import type { World } from '../world.js';
import type { HostModel } from './host-model.js';

/** What a script prints, at once or after some work of the host. */
export type Reply = string | { stdout: string; after: Work };

export const slowly = (after: Work, stdout: string): Reply => ({ stdout, after });

/** Recognizes one script of the product and carries it out; undefined: it is another one. */
export type Understood = (script: string, host: HostModel, world: World) => Reply | undefined;

export const exactly =
  (text: string, reply: (host: HostModel, world: World) => Reply): Understood =>
  (script, host, world) =>
    script === text ? reply(host, world) : undefined;

/**
 * A script that the product builds from parameters: they are read from the script, and building it from them must give
 * the same script again.
 */
export const built =
  <P>(
    read: (script: string) => P | undefined,
    build: (parameters: P) => string,
    reply: (host: HostModel, parameters: P, world: World) => Reply,
  ): Understood =>
  (script, host, world) => {
    const parameters = read(script);
    return parameters !== undefined && build(parameters) === script ? reply(host, parameters, world) : undefined;
  };

/** The words in single quotes. */
export const quotedIn = (text: string): string[] => [...text.matchAll(/'([^'\n]*)'/g)].map(([, word = '']) => word);

export const lines = (...all: (string | false | undefined)[]): string =>
  all
    .filter((line) => line !== false && line !== undefined)
    .map((line) => `${line}\n`)
    .join('');
