import { createStyle, type Style } from './terminal/style.js';
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
