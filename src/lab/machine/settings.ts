import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

/** What a kubelet sets for the whole kernel: a real host owns these, a lab host shares them with this machine. */
const SHARED = [
  'kernel/keys/root_maxbytes',
  'kernel/keys/root_maxkeys',
  'kernel/panic',
  'kernel/panic_on_oops',
  'vm/overcommit_memory',
  'vm/panic_on_oom',
];

/** One record for all labs of this machine: the first one up writes it, the last one down restores from it. */
const RECORD = '/run/leafspan-lab-settings.json';

const fileOf = (setting: string): string => `/proc/sys/${setting}`;

export function rememberMachineSettings(): void {
  if (existsSync(RECORD)) return;
  const present = SHARED.filter((setting) => existsSync(fileOf(setting)));
  const values = present.map((setting): [string, string] => [setting, readFileSync(fileOf(setting), 'utf8').trim()]);
  writeFileSync(RECORD, JSON.stringify(Object.fromEntries(values)));
}

/** Call it when the lab's own namespaces are gone. Returns what it put back. */
export function restoreMachineSettings(): string[] {
  if (!existsSync(RECORD) || anotherLabIsUp()) return [];
  const values = Object.entries(parseRecord());
  const changed = values.filter(([setting, value]) => readFileSync(fileOf(setting), 'utf8').trim() !== value);
  for (const [setting, value] of changed) writeFileSync(fileOf(setting), value);
  rmSync(RECORD, { force: true });
  return changed.map(([setting, value]) => `${setting.replaceAll('/', '.')}=${value}`);
}

/** A record that was cut off while it was written knows of no change yet. */
function parseRecord(): Record<string, string> {
  try {
    return JSON.parse(readFileSync(RECORD, 'utf8')) as Record<string, string>;
  } catch {
    return {};
  }
}

const anotherLabIsUp = (): boolean =>
  existsSync('/run/netns') && readdirSync('/run/netns').some((space) => /^leafspan-.*-switch$/.test(space));
