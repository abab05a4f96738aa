import type { BundleReader } from '../../../src/parts/ports.js';
import type { Artifact, BundleManifest } from '../../../src/domain/artifacts/bundle-manifest.js';

/** One bundle in memory, whole. */
export class FakeBundles implements BundleReader {
  readonly #manifest: BundleManifest;
  readonly #texts: Readonly<Record<string, string>>;

  /** @param texts by the name of the file */
  constructor(manifest: BundleManifest, texts: Readonly<Record<string, string>> = {}) {
    this.#manifest = manifest;
    this.#texts = texts;
  }

  manifest(): Promise<BundleManifest> {
    return Promise.resolve(this.#manifest);
  }

  locate(folder: string, { file }: Artifact): Promise<string> {
    return Promise.resolve(`${folder}/${file}`);
  }

  text(_folder: string, { file }: Artifact): Promise<string> {
    const text = this.#texts[file];
    return text === undefined ? Promise.reject(new Error(`unscripted text of ${file}`)) : Promise.resolve(text);
  }

  verify(): Promise<BundleManifest> {
    return Promise.resolve(this.#manifest);
  }
}
