import { overlap } from '../../../../contract/topology/ipv4-range.js';
import { ANYWHERE, type Opening } from '../openings.js';
import { eachSource, idOf, linesOf, restOf, words, type Manager, type ManagedRule, type Sections } from './rule.js';

/**
 * firewalld has two rule sets: the one that is in effect and the one that a reload or a reboot puts in its place. Rules go into both, so that
 * no reload is needed: that would drop what the owner has added until the next one. New zones, policies and sets need a reload, so the
 * rules go into the zones that are there.
 */
const TIMES = ['runtime', 'permanent'] as const;
type Time = (typeof TIMES)[number];

interface Zone {
  name: string;
  target: string;
  interfaces: string[];
  sources: string[];
  richRules: string[];
}

/** What pods hang on; K3s's own networks are sources of their own. */
const OF_PODS = /^(cni|flannel|veth|kube-)/;

/** Its zone lets in everything. */
const TRUSTED = 'trusted';

function zonesIn(listing: string | undefined): Zone[] {
  const blocks = (listing ?? '').split(/^(?=\S)/m).filter((block) => block.trim() !== '');
  return blocks.map((block) => {
    const field = (name: string): string => new RegExp(`^ {2}${name}:(.*)$`, 'm').exec(block)?.[1]?.trim() ?? '';
    const list = (name: string): string[] => field(name).split(' ').filter(Boolean);
    return {
      name: /^\S+/.exec(block)?.[0] ?? '',
      target: field('target'),
      interfaces: list('interfaces'),
      sources: list('sources'),
      richRules: linesOf(block)
        .filter((line) => /^\s+rule /.test(line))
        .map((line) => line.trim()),
    };
  });
}

/** Where packets from a source may come in: the default zone, zones with an interface, and zones with addresses of the source. */
function zonesFor(seen: Sections, source: string): string[] {
  const fallback = seen['firewalld']?.trim();
  return zonesIn(seen['firewalld runtime'])
    .filter(({ target }) => target !== 'ACCEPT')
    .filter(
      ({ name, interfaces, sources }) =>
        name === fallback ||
        interfaces.some((each) => !OF_PODS.test(each)) ||
        sources.some((each) => overlap(each, source)),
    )
    .map(({ name }) => name);
}

type Element = [zone: string, kind: 'source' | 'rich-rule', value: string];

function elementsFor(seen: Sections, source: string, { port }: Opening): Element[] {
  if (port === undefined) return [[TRUSTED, 'source', source]];
  const from = source === ANYWHERE ? '' : ` source address="${source}"`;
  const rule = `rule family="ipv4"${from} port port="${port}" protocol="tcp" accept`;
  return zonesFor(seen, source).map((zone): Element => [zone, 'rich-rule', rule]);
}

const command = (time: Time, [zone, kind, value]: Element): string =>
  words('firewall-cmd', ...(time === 'permanent' ? ['--permanent'] : []), `--zone=${zone}`, `--add-${kind}=${value}`);

/** A source belongs to one zone only. */
const isElsewhere = (zones: readonly Zone[], [, kind, value]: Element): boolean =>
  kind === 'source' && zones.some(({ name, sources }) => name !== TRUSTED && sources.includes(value));

export const firewalld: Manager = {
  wanted: (seen, openings) => {
    if (seen['firewalld'] === undefined) return [];
    return TIMES.flatMap((time) => {
      const zones = zonesIn(seen[`firewalld ${time}`]);
      return eachSource(openings, (source, opening) =>
        elementsFor(seen, source, opening)
          .filter((element) => !isElsewhere(zones, element))
          .map((element): ManagedRule => {
            const id = idOf('firewalld', [time, ...element].join(' '));
            return { id, text: command(time, element), why: opening.why, source };
          }),
      );
    });
  },
  present: (seen) =>
    TIMES.flatMap((time) =>
      zonesIn(seen[`firewalld ${time}`]).flatMap(({ name, sources, richRules }) => [
        ...sources.map((source) => `${time} ${name} source ${source}`),
        ...richRules.map((rule) => `${time} ${name} rich-rule ${rule}`),
      ]),
    ).map((rest) => idOf('firewalld', rest)),
  inTheWay: (seen, openings) => {
    if (seen['firewalld'] === undefined) return [];
    const sources = openings.filter(({ port }) => port === undefined).flatMap((opening) => opening.sources);
    return zonesIn(seen['firewalld runtime'])
      .filter(({ target }) => target !== 'ACCEPT')
      .flatMap((zone) =>
        zone.sources.filter((each) => sources.includes(each)).map((each) => `source ${each} of zone ${zone.name}`),
      );
  },
  add: (rules) =>
    batches(
      rules.map(({ id }) => id),
      'add',
    ),
  remove: (ids) => batches(ids, 'remove'),
};

/** A call of firewall-cmd takes a third of a second, however many rules it has. */
const PER_CALL = 100;

/** Permanent rules of a firewalld that does not run are changed by another tool. */
function batches(ids: readonly string[], verb: 'add' | 'remove'): string {
  const calls = new Map<string, string[]>();
  for (const id of ids) {
    const [time = '', zone = '', kind = ''] = restOf(id).split(' ');
    const value = restOf(id).slice(`${time} ${zone} ${kind} `.length);
    const call = words(`firewalld_${time}`, `--zone=${zone}`);
    calls.set(call, [...(calls.get(call) ?? []), words(`--${verb}-${kind}=${value}`)]);
  }
  const lines = [...calls].flatMap(([call, options]) =>
    Array.from({ length: Math.ceil(options.length / PER_CALL) }, (_, at) =>
      [call, ...options.slice(at * PER_CALL, (at + 1) * PER_CALL)].join(' '),
    ),
  );
  return `${FIREWALLD_FUNCTIONS}\n${lines.join('\n')}`;
}

export const FIREWALLD_FUNCTIONS = `
firewalld_runs() { [ "\${firewalld_state:=$(systemctl is-active -q firewalld.service 2>/dev/null && firewall-cmd --state 2>&1 || echo off)}" = running ]; }
firewalld_runtime() { ! firewalld_runs || firewall-cmd -q "$@"; }
firewalld_permanent() { if firewalld_runs; then firewall-cmd -q --permanent "$@"; else firewall-offline-cmd -q "$@"; fi; }`.trim();
