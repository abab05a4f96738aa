import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { z } from 'zod';
import { CHECK_CATEGORIES } from '../../../contract/checks.js';
import type { Sighting } from '../../../doctor/examine.js';
import { redact } from '../../../domain/secrets/redact.js';
import type { Surroundings } from '../../../doctor/surroundings.js';
import { writeWhole } from '../../../local/atomic-file.js';
import { usage } from '../../failure.js';

/** What was seen of a system, with what is around it, and without what is secret. */
export interface Archive {
  takenAt: string;
  sighting: Sighting;
  surroundings: readonly Surroundings[];
  /** Outlines of the latest runs; a reason where there are none. */
  runs: readonly string[];
}

const FORM = 'leafspan/doctor/v1';
/** Of the text; one of 20 clusters has less than a tenth of it. */
const MAX_BYTES = 256 * 1024 * 1024;

/** Gzipped JSON, which only its owner can read. */
export async function writeArchive(file: string, cwd: string, archive: Archive): Promise<void> {
  // What left a cluster was redacted there; this is for what did not come from one.
  const hide = (_name: string, value: unknown): unknown => (typeof value === 'string' ? redact(value) : value);
  const text = JSON.stringify({ form: FORM, ...archive }, hide, 1);
  await writeWhole(resolve(cwd, file), await promisify(gzip)(text));
}

const VERDICT = z.discriminatedUnion('state', [
  z.object({ state: z.literal('pass'), note: z.string().optional() }),
  z.object({
    state: z.literal('fail'),
    because: z.string(),
    saw: z.string().optional(),
    permanent: z.object({ code: z.string(), remedy: z.string(), afterSeconds: z.number() }).optional(),
  }),
  z.object({ state: z.literal('skip'), because: z.string() }),
]);

const PLACE = z.object({
  cluster: z.string(),
  host: z.string(),
  login: z.string(),
  internalAddress: z.string(),
  externalAddress: z.string(),
  firewall: z.string().optional(),
});

const SIGHTING = z.object({
  patient: z.object({ topology: z.string(), hub: z.string(), places: z.array(PLACE) }),
  checks: z.array(
    z.object({
      id: z.string(),
      category: z.enum(CHECK_CATEGORIES),
      subject: z.string(),
      title: z.string(),
      severity: z.enum(['error', 'warning']),
      docs: z.string(),
      elapsedMs: z.number(),
      verdict: VERDICT,
      cluster: z.string(),
      needs: z.array(z.string()),
      standsOn: z.array(z.string()),
      part: z.string().optional(),
      silent: z.literal(true).optional(),
    }),
  ),
});

const ARCHIVE = z.object({ form: z.literal(FORM), takenAt: z.string(), sighting: SIGHTING });

/** @throws ProvisionError USAGE for what is not an archive of doctor */
export async function readArchive(file: string, cwd: string): Promise<Pick<Archive, 'takenAt' | 'sighting'>> {
  const text = await readFile(resolve(cwd, file))
    .then(
      (bytes) => promisify(gunzip)(bytes, { maxOutputLength: MAX_BYTES }),
      () => undefined,
    )
    .catch(() => undefined);
  const parsed = ARCHIVE.safeParse(text === undefined ? undefined : jsonIn(text.toString()));
  if (parsed.success) return parsed.data as Pick<Archive, 'takenAt' | 'sighting'>; // optional fields are absent or there
  throw usage(`${file} is not an archive of doctor`, 'name a file that doctor --support has written');
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
