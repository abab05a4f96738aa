import type { Step } from '../../../../contract/plan.js';
import { FIREWALL_RECORD } from '../../paths.js';
import { quote } from '../../quote.js';
import type { Firewall } from '../commands.js';
import type { Opening } from '../openings.js';
import {
  installRestoreScript,
  removeRestoreScript,
  restoreFiles,
  restoreNowScript,
  RESTORE_UNIT,
} from './after-reboot.js';
import { firewalld } from './firewalld.js';
import { iptables } from './iptables.js';
import { nft } from './nft.js';
import { firewallOf, linesOf, type ManagedRule, type Manager, type Sections } from './rule.js';
import { ufw } from './ufw.js';

const MANAGERS: Readonly<Record<Firewall, Manager>> = { ufw, firewalld, nft, iptables };

const managers = Object.values(MANAGERS);

/** What is to be done to the firewalls of a host. */
export interface Changes {
  add: ManagedRule[];
  /** Ids of rules that are ours and there. */
  remove: string[];
  /** Ids of what is ours in the end. */
  record: string[];
  restore: RestoreChange | undefined;
}

type RestoreChange = { verb: 'create' | 'change'; files: { unit: string; script: string } } | { verb: 'delete' };

/** Ours is what we have written down. A rule that was there before us, or that a person made, is not, even if it is the same. */
const recordOf = (seen: Sections): string[] => linesOf(seen['record']);

const presentOf = (seen: Sections): Set<string> => new Set(managers.flatMap((each) => each.present(seen)));

export const recordedFor = (firewall: Firewall, seen: Sections): string[] =>
  recordOf(seen).filter((id) => firewallOf(id) === firewall);

export function changesTo(seen: Sections, openings: readonly Opening[], mark: string): Changes {
  const all = managers.flatMap((each) => each.wanted(seen, openings, mark));
  const wanted = [...new Map(all.map((rule) => [rule.id, rule])).values()];
  const [present, recorded] = [presentOf(seen), recordOf(seen)];
  const ids = new Set(wanted.map(({ id }) => id));
  const add = wanted.filter(({ id }) => !present.has(id));
  const kept = recorded.filter((id) => ids.has(id) && present.has(id));
  return {
    add,
    remove: recorded.filter((id) => !ids.has(id) && present.has(id)),
    record: [...kept, ...add.map(({ id }) => id)],
    restore: restoreChange(
      seen,
      wanted.filter(({ id }) => kept.includes(id) || add.some((rule) => rule.id === id)),
    ),
  };
}

export function removalOf(seen: Sections): Changes {
  const present = presentOf(seen);
  return {
    add: [],
    remove: recordOf(seen).filter((id) => present.has(id)),
    record: [],
    restore: restoreChange(seen, []),
  };
}

function restoreChange(seen: Sections, rules: readonly ManagedRule[]): RestoreChange | undefined {
  const [there, files] = [(seen['restore'] ?? '').trim(), restoreFiles(rules)];
  if (files === undefined) return there === '' ? undefined : { verb: 'delete' };
  if (there === '') return { verb: 'create', files };
  return there === `${files.unit}${files.script}`.trim() ? undefined : { verb: 'change', files };
}

/** Rules of the owner that refuse just what the topology needs; they are the owner's to change. */
export const rulesInTheWay = (seen: Sections, openings: readonly Opening[]): string[] =>
  managers.flatMap((each) => each.inTheWay?.(seen, openings) ?? []);

/** One step for each thing that is let in, with every rule that does it. */
export function stepsFor({ add, remove, restore }: Changes, goneBecause: string): Step[] {
  const groups = new Map<string, ManagedRule[]>();
  for (const rule of add) {
    const key = `${firewallOf(rule.id)} ${rule.why}`;
    groups.set(key, [...(groups.get(key) ?? []), rule]);
  }
  const firewalls = [...new Set(remove.map(firewallOf))];
  return [
    ...[...groups.values()].map((rules): Step => {
      const [{ id, why } = { id: '', why: '' }] = rules;
      const object = `${firewallOf(id)}: ${why}`;
      return { verb: 'create', object, because: 'no rule lets it in', diff: linesFor(rules) };
    }),
    ...firewalls.map((firewall): Step => {
      const diff = remove.filter((id) => firewallOf(id) === firewall).map((id) => id.slice(firewall.length + 1));
      return { verb: 'delete', object: `rules of ${firewall}`, because: goneBecause, diff };
    }),
    ...(restore === undefined ? [] : [restoreStep(restore, goneBecause)]),
  ];
}

/** A hub of 1,000 leaves has as many rules for each port. They differ in the source only. */
const MAX_SHOWN = 100;

const linesFor = (rules: readonly ManagedRule[]): string[] => [
  ...rules.slice(0, MAX_SHOWN).map(({ text }) => text),
  ...(rules.length > MAX_SHOWN
    ? [
        `and so for ${rules
          .slice(MAX_SHOWN)
          .map(({ source = '' }) => source)
          .join(' ')}`,
      ]
    : []),
];

const restoreStep = ({ verb }: RestoreChange, goneBecause: string): Step => ({
  verb,
  object: RESTORE_UNIT,
  because: verb === 'delete' ? goneBecause : 'the packet filter forgets rules when it is loaded again',
});

/**
 * What is to be ours is written down first, so that an interrupted change is found again; what was ours is forgotten last.
 * New rules come before old ones go: what both let in is never closed.
 */
export function changeScript({ add, remove, record, restore }: Changes): string {
  const of = <T>(all: readonly T[], firewall: string, idOf: (one: T) => string): T[] =>
    all.filter((one) => firewallOf(idOf(one)) === firewall);
  const scripts = Object.entries(MANAGERS).flatMap(([name, { add: addScript }]) => {
    const rules = of(add, name, ({ id }) => id);
    return rules.length === 0 || addScript === undefined ? [] : [addScript(rules)];
  });
  const removals = Object.entries(MANAGERS).flatMap(([name, manager]) => {
    const ids = of(remove, name, (id) => id);
    return ids.length === 0 ? [] : [manager.remove(ids)];
  });
  return [
    writeRecord([...record, ...remove]),
    ...scripts,
    ...(restore === undefined ? restoreNowScript(add) : []),
    ...(restore === undefined || restore.verb === 'delete' ? [] : [installRestoreScript(restore.files)]),
    ...removals,
    ...(restore?.verb === 'delete' ? [removeRestoreScript] : []),
    writeRecord(record),
  ].join('\n');
}

const writeRecord = (ids: readonly string[]): string =>
  `printf '%s\\n' ${ids.map(quote).join(' ')} > ${FIREWALL_RECORD}.new; sync ${FIREWALL_RECORD}.new; mv -f ${FIREWALL_RECORD}.new ${FIREWALL_RECORD}`;
