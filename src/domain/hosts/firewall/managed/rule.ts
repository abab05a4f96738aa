import { quote } from '../../quote.js';
import type { Firewall } from '../commands.js';
import type { Opening } from '../openings.js';

/** A rule that is to be in a host's firewall. */
export interface ManagedRule {
  /** One line, by which the firewall's own listing shows it again, and our record on the host. */
  id: string;
  /** The command that makes it, for people. */
  text: string;
  why: string;
  /** Whom it lets in; absent: all that its opening names. */
  source?: string;
}

/** What the look at a host printed, by the name of the section. A section that is absent was not printed. */
export type Sections = Readonly<Record<string, string>>;

/** How rules come into one kind of firewall, and out of it. */
export interface Manager {
  /** None when the firewall is not active. */
  wanted: (seen: Sections, openings: readonly Opening[], mark: string) => ManagedRule[];
  /** Ids of the rules that are there, ours or not. */
  present: (seen: Sections) => string[];
  /** Rules of the owner that refuse just what is to be opened. */
  inTheWay?: (seen: Sections, openings: readonly Opening[]) => string[];
  /** A script; absent: the rules come in by the service that brings them back after a reboot. */
  add?: (rules: readonly ManagedRule[]) => string;
  remove: (ids: readonly string[]) => string;
}

/** Of each rule its firewall, which is the first word of its id. */
export const firewallOf = (id: string): string => id.split(' ', 1)[0] ?? '';

export const idOf = (firewall: Firewall, rest: string): string => `${firewall} ${rest}`;

/** The id without its firewall. */
export const restOf = (id: string): string => id.slice(firewallOf(id).length + 1);

export const words = (...all: readonly string[]): string => all.map(shellWord).join(' ');

const shellWord = (word: string): string => (/^[\w./:=,@+-]+$/.test(word) ? word : quote(word));

/** One rule for each source of each opening. */
export const eachSource = <T>(
  openings: readonly Opening[],
  one: (source: string, opening: Opening) => readonly T[],
): T[] => openings.flatMap((opening) => opening.sources.flatMap((source) => one(source, opening)));

export const linesOf = (text: string | undefined): string[] =>
  (text ?? '').split('\n').filter((line) => line.trim() !== '');
