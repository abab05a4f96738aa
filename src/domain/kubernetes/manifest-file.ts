import type { KubernetesObject } from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';
import { fieldOf, messageOf, textOf } from '../../contract/caught.js';
import { ProvisionError } from '../../contract/errors.js';
import { FIELD_MANAGER, OWNER_LABEL } from '../../contract/names.js';

export type Manifest = KubernetesObject & { apiVersion: string; kind: string; metadata: { name: string } };

const SOURCE_ANNOTATION = 'leafspan.io/source-sha256';

interface Manifests {
  /** What the file is said to be: `the Gateway API`. */
  of: string;
  isPart: (object: Manifest) => boolean;
}

/**
 * The objects of a YAML file, marked as ours and as of this source. All that is in it is applied with the rights of an
 * administrator. @throws ProvisionError BUNDLE_INVALID when anything in it does not belong there
 */
export function manifestsIn(yaml: string, sourceSha256: string, { of, isPart }: Manifests): Manifest[] {
  const written = documentsIn(yaml, of);
  const stranger = written.find((object) => !isPart(object));
  if (stranger !== undefined)
    throw unfit(of, `${stranger.kind} ${stranger.metadata.name} in the manifests of ${of} is not part of it`);
  return written.map((object) => ({
    ...object,
    metadata: {
      ...object.metadata,
      labels: { ...object.metadata.labels, [OWNER_LABEL]: FIELD_MANAGER },
      annotations: { ...object.metadata.annotations, [SOURCE_ANNOTATION]: sourceSha256 },
    },
  }));
}

/** Of an object that an earlier leafspan applied: the checksum of its source. */
export const sourceOf = ({ metadata }: KubernetesObject): string | undefined =>
  metadata?.annotations?.[SOURCE_ANNOTATION];

function documentsIn(yaml: string, of: string): Manifest[] {
  try {
    const documents = parseAllDocuments(yaml).map((document) => document.toJS() as unknown);
    return documents.filter((object) => object !== null).map(manifestFrom);
  } catch (error) {
    throw unfit(of, `the manifests of ${of} cannot be read: ${messageOf(error)}`);
  }
}

/** @throws Error for a document that is no object of Kubernetes */
function manifestFrom(document: unknown): Manifest {
  const [kind, apiVersion] = [textOf(document, 'kind'), textOf(document, 'apiVersion')];
  const name = textOf(fieldOf(document, 'metadata'), 'name');
  if (kind === undefined || apiVersion === undefined || name === undefined)
    throw new Error('not every document has kind and name');
  return document as Manifest;
}

const unfit = (of: string, message: string): ProvisionError =>
  new ProvisionError('BUNDLE_INVALID', message, `use a bundle with the files of a release of ${of}`);
