import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { writeWhole } from '../../local/atomic-file.js';
import { readJsonFile } from '../../local/json.js';

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
const SETTINGS = z.record(z.string(), z.string());

const fileOf = (setting: string): string => `/proc/sys/${setting}`;

export async function rememberMachineSettings(): Promise<void> {
  if (existsSync(RECORD)) return;
  const present = SHARED.filter((setting) => existsSync(fileOf(setting)));
  const values = present.map((setting): [string, string] => [setting, readFileSync(fileOf(setting), 'utf8').trim()]);
  await writeWhole(RECORD, JSON.stringify(Object.fromEntries(values)));
}

/** Call it when the lab's own namespaces are gone. Returns what it put back. */
export function restoreMachineSettings(): string[] {
  if (!existsSync(RECORD) || anotherLabIsUp()) return [];
  const values = Object.entries(readJsonFile(RECORD, SETTINGS));
  const changed = values.filter(([setting, value]) => readFileSync(fileOf(setting), 'utf8').trim() !== value);
  for (const [setting, value] of changed) writeFileSync(fileOf(setting), value);
  rmSync(RECORD, { force: true });
  return changed.map(([setting, value]) => `${setting.replaceAll('/', '.')}=${value}`);
}

const anotherLabIsUp = (): boolean =>
  existsSync('/run/netns') && readdirSync('/run/netns').some((space) => /^leafspan-.*-switch$/.test(space));
