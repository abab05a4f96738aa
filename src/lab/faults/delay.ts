import { ProvisionError } from '../../contract/errors.js';
import { run } from '../machine/run-command.js';
import type { HostNames, LabNames } from '../names.js';

export async function delay(names: LabNames, host: HostNames, ms: number): Promise<string> {
  const netem = ['root', 'netem', 'delay', `${ms}ms`];
  const ran = await run('tc', ['-n', names.switchNetns, 'qdisc', 'replace', 'dev', host.host, ...netem]);
  if (/qdisc kind is unknown/.test(ran.stderr)) {
    const missing = 'a delay needs the netem queue (CONFIG_NET_SCH_NETEM), which this kernel does not have';
    throw new ProvisionError('LAB_NO_NETEM', missing, 'load it with: modprobe sch_netem');
  }
  if (ran.code !== 0) {
    const message = `${host.host} has no port on the lab's switch`;
    const hint = `start it with: lab fault start ${host.host}`;
    throw new ProvisionError('LAB_HOST_DOWN', message, hint, {}, ran.stderr.trim());
  }
  return `every packet to ${host.host} takes ${ms} ms longer`;
}

export async function healDelay(names: LabNames, host: HostNames): Promise<void> {
  await run('tc', ['-n', names.switchNetns, 'qdisc', 'del', 'dev', host.host, 'root']);
}
