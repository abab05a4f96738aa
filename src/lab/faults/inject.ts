import { fillHostDisk, freeHostDisk } from '../hosts/disk.js';
import { hostOf, knownHosts } from '../hosts/known.js';
import { powerCut, reboot } from '../hosts/power.js';
import { ensureHostRoot } from '../hosts/root.js';
import { startHost } from '../hosts/start.js';
import type { LabNames } from '../names.js';
import type { Fault, LabReport } from '../types.js';
import { cut, healCuts } from './cut.js';
import { delay, healDelay } from './delay.js';

/** Cuts and delays are made on the switch: a host cannot see them, and its reboot does not undo them. */
export async function injectFault(names: LabNames, fault: Fault, report: LabReport): Promise<string> {
  switch (fault.kind) {
    case 'cut':
      return cut(names, fault);
    case 'heal':
      return heal(names);
    case 'delay':
      return delay(names, hostOf(names, fault.host), fault.ms);
    case 'reboot':
      await reboot(hostOf(names, fault.host));
      return `${fault.host} went down and came back`;
    case 'kill':
      return `${fault.host}: ${await powerCut(hostOf(names, fault.host), names)} processes killed`;
    case 'start': {
      const root = await ensureHostRoot({ cacheDir: names.cacheDir, report });
      await startHost(hostOf(names, fault.host), names, { root, report });
      return `${fault.host} runs`;
    }
    case 'fill-disk': {
      const bytes = await fillHostDisk(hostOf(names, fault.host), fault.leaveMb ?? 0);
      return `${fault.host}: ${Math.round(bytes / 1024 / 1024)} MB taken, ${fault.leaveMb ?? 0} MB left`;
    }
  }
}

async function heal(names: LabNames): Promise<string> {
  await healCuts(names);
  for (const host of knownHosts(names)) {
    await healDelay(names, host);
    freeHostDisk(host);
  }
  return 'paths, delays and disks are as they were';
}
