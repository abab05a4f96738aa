import { decideFiles, sendFiles, type FileSeen } from '../files.js';
import { part, type PartDefinition } from '../part.js';
import type { Site } from '../site.js';
import { removeFiles, seeInventory, stepsToRemove } from './inventory.js';

interface Facts {
  files: FileSeen[];
  /** The part's own files of the inventory; looked up for a removal only. */
  there: string[];
}

interface FilePartDefinition<Wanted> extends Pick<
  PartDefinition<Wanted, Facts>,
  'name' | 'title' | 'needs' | 'wanted' | 'checks'
> {
  see: (site: Site, wanted: Wanted) => Promise<FileSeen[]>;
  /** Whether a file of the inventory is this part's: for a removal the source of the files may be gone. */
  owns: (path: string) => boolean;
}

/** A part that is nothing but files on a host. */
export const filePart = <Wanted>({ see, owns, ...definition }: FilePartDefinition<Wanted>) =>
  part<Wanted, Facts>({
    ...definition,
    phase: 'clusters',
    livesIn: 'host',
    look: async (site, wanted, goal) =>
      goal === 'present'
        ? { files: await see(site, wanted), there: [] }
        : { files: [], there: (await seeInventory(site)).filter((path) => owns(path)) },
    decide: ({ files }) => decideFiles(files),
    undo: ({ there }) => stepsToRemove(there),
    act: async (site, steps, { files }) => {
      await removeFiles(site, steps);
      await sendFiles(site, steps, files);
    },
  });
