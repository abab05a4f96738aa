import { mkdirSync } from 'node:fs';
import { createStyle, type Style } from './render/style.js';
import type { Io } from './io.js';
import { readSettings, type Settings } from './settings.js';

/** What every command gets. */
export interface Context {
  io: Io;
  settings: Settings;
  style: Style;
}

export function createContext(io: Io): Context {
  const settings = readSettings(io);
  return { io, settings, style: createStyle(io) };
}

/** A folder below the state folder that only the user can read. */
export function privateFolder(folder: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}
