import { decideFiles, sendFiles, type FileSeen } from '../files.js';
import { part, type PartDefinition } from '../part.js';
import type { Site } from '../site.js';
import { mustBeClaimed } from './claim.js';
import { removeFiles, seeInventory, stepsToRemove } from './inventory.js';

interface Facts {
  files: FileSeen[];
  /** The part's own files of the inventory; looked up for a removal only. */
  there: string[];
  /** What the files have brought with them; looked up for a removal only. */
  brought: string[];
}

interface FilePartDefinition<Wanted> extends Pick<
  PartDefinition<Wanted, Facts>,
  'name' | 'title' | 'needs' | 'wanted' | 'checks'
> {
  see: (site: Site, wanted: Wanted) => Promise<FileSeen[]>;
  /** Whether a file of the inventory is this part's: for a removal the source of the files may be gone. */
  owns: (path: string) => boolean;
  /** What the files bring with them. It goes before them, since they tell what it is. */
  brings?: {
    see: (site: Site, wanted: Wanted, files: readonly string[]) => Promise<string[]>;
    remove: (site: Site, brought: readonly string[]) => Promise<void>;
  };
}

/** A part that is nothing but files on a host. */
export const filePart = <Wanted>({ see, owns, brings, ...definition }: FilePartDefinition<Wanted>) =>
  part<Wanted, Facts>({
    ...definition,
    phase: 'clusters',
    livesIn: 'host',
    look: async (site, wanted, goal) => {
      if (goal === 'present') return { files: await see(site, wanted), there: [], brought: [] };
      const there = (await seeInventory(site)).filter((path) => owns(path));
      return { files: [], there, brought: (await brings?.see(site, wanted, there)) ?? [] };
    },
    decide: ({ files }) => decideFiles(files),
    undo: ({ there, brought }) => stepsToRemove([...brought, ...there]),
    act: async (site, steps, { files, brought }) => {
      if (brought.length > 0) await brings?.remove(site, brought);
      await removeFiles(
        site,
        steps.filter(({ object }) => !brought.includes(object)),
      );
      if (files.length > 0) await mustBeClaimed(site);
      await sendFiles(site, steps, files);
    },
  });
