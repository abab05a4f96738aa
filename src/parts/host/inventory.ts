import type { Step } from '../../contract/plan.js';
import { inventoryFactsScript, parseInventory, removeFilesScript } from '../../domain/hosts/inventory.js';
import type { Site } from '../site.js';

/** The files that leafspan put on the host outside its own directory and that are still there. */
export const seeInventory = (site: Site): Promise<string[]> =>
  site.once('inventory', async () => parseInventory(await site.print(inventoryFactsScript)));

export const stepsToRemove = (files: readonly string[]): Step[] =>
  files.map((object) => ({ verb: 'delete', object, because: 'leafspan put it there' }));

/** Removes the files of the inventory that the steps name, and returns those that did not go. */
export async function removeFiles(site: Site, steps: readonly Step[]): Promise<string[]> {
  const files = steps.filter(({ verb }) => verb === 'delete').map(({ object }) => object);
  if (files.length === 0) return [];
  site.work.heartbeat(`removing ${files.length} files`);
  return parseInventory(await site.print(removeFilesScript(files), { changes: true }));
}
