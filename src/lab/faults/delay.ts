import { LabError } from '../error.js';
import { run } from '../machine/run-command.js';
import type { HostNames, LabNames } from '../names.js';

export async function delay(names: LabNames, host: HostNames, ms: number): Promise<string> {
  const netem = ['root', 'netem', 'delay', `${ms}ms`];
  const ran = await run('tc', ['-n', names.switchNetns, 'qdisc', 'replace', 'dev', host.host, ...netem]);
  if (/qdisc kind is unknown/.test(ran.stderr)) {
    const missing = 'this kernel has no netem queue (CONFIG_NET_SCH_NETEM), which a delay is made with';
    throw new LabError('LAB_NO_NETEM', missing, 'type: modprobe sch_netem, or use a kernel that has it');
  }
  if (ran.code !== 0) throw new LabError('LAB_HOST_DOWN', ran.stderr.trim(), `is ${host.host} up? see: lab status`);
  return `every packet to ${host.host} takes ${ms} ms longer`;
}

export async function healDelay(names: LabNames, host: HostNames): Promise<void> {
  await run('tc', ['-n', names.switchNetns, 'qdisc', 'del', 'dev', host.host, 'root']);
}
