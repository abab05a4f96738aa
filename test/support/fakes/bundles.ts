import type { BundleReader } from '../../../src/parts/ports.js';
import type { BundleManifest } from '../../../src/domain/artifacts/bundle-manifest.js';

/** One bundle in memory, whole. */
export class FakeBundles implements BundleReader {
  readonly #manifest: BundleManifest;

  constructor(manifest: BundleManifest) {
    this.#manifest = manifest;
  }

  manifest(): Promise<BundleManifest> {
    return Promise.resolve(this.#manifest);
  }

  verify(): Promise<BundleManifest> {
    return Promise.resolve(this.#manifest);
  }
}
