import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Part } from './parts.js';
import type { BundleReport } from './progress.js';

const PARTIAL = '.partial-';

/** Finished parts by name and key. A directory under its final name is whole: it is filled aside and renamed. */
export class PartStore {
  constructor(
    private readonly directory: string,
    private readonly report: BundleReport,
  ) {
    mkdirSync(directory, { recursive: true });
  }

  /** The part's directory; `fill` is called if it is not there yet. */
  async ensure(part: Part, fill: (directory: string) => Promise<void>): Promise<string> {
    const final = join(this.directory, `${part.name}-${part.key}`);
    if (existsSync(final)) return final;
    const started = Date.now();
    this.report({ step: part.title, state: 'running', detail: `${part.estimate} on 2 cores` });
    await fillAside(final, fill);
    this.report({ step: part.title, state: 'done', elapsedMs: Date.now() - started });
    return final;
  }

  /** Removes what no longer serves: parts of other keys, and what a killed build has left. */
  keepOnly(parts: readonly Part[]): void {
    const kept = new Set(parts.map((part) => `${part.name}-${part.key}`));
    for (const name of readdirSync(this.directory)) {
      if (!kept.has(name)) rmSync(join(this.directory, name), { recursive: true, force: true });
    }
  }
}

/** Makes a directory appear whole or not at all. The caller holds the lock, so no process uses what an earlier try has left. */
export async function fillAside(final: string, fill: (directory: string) => Promise<void>): Promise<void> {
  const partial = `${final}${PARTIAL}${String(process.pid)}`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  try {
    await fill(partial);
    renameSync(partial, final);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}
