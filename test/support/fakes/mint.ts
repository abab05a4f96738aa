import type { CertificateMint, KeyPair } from '../../../src/parts/ports.js';
import { PeculiarMint } from '../../../src/adapters/cert-mint/peculiar-mint.js';
import type { CertificateProfile } from '../../../src/domain/pki/profiles.js';

/** Real certificates, since activities read them; it notes what it made. */
export class CountingMint implements CertificateMint {
  readonly #mint: PeculiarMint;
  readonly issued: string[] = [];

  constructor(now: () => number = Date.now) {
    this.#mint = new PeculiarMint(now);
  }

  selfSigned(profile: CertificateProfile): Promise<KeyPair> {
    this.issued.push(profile.commonName);
    return this.#mint.selfSigned(profile);
  }

  signedBy(issuer: KeyPair, profile: CertificateProfile): Promise<KeyPair> {
    this.issued.push(profile.commonName);
    return this.#mint.signedBy(issuer, profile);
  }
}
