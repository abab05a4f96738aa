import type { ManifestObject, ObjectRef } from '../../../../src/domain/kubernetes/objects.js';
import { hashOf } from '../pace.js';

/** Any Kubernetes object, as far as the model reads it. */
export interface AnyObject {
  apiVersion?: string;
  kind?: string;
  metadata: AnyMetadata;
  type?: string;
  data?: Record<string, string>;
  webhooks?: unknown[];
  spec?: AnySpec;
}

interface AnyMetadata {
  name: string;
  namespace?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  uid?: string;
  generation?: number;
  resourceVersion?: string;
  creationTimestamp?: Date;
  managedFields?: { manager: string; operation: string; time: Date; fieldsV1: object }[];
}

export interface AnySpec {
  clusterIP?: string;
  selector?: Record<string, string>;
  ports?: { name?: string; port: number; nodePort?: number; targetPort?: string | number }[];
  template?: PodTemplate;
  [more: string]: unknown;
}

export interface PodTemplate {
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
  spec?: {
    serviceAccountName?: string;
    containers?: { image?: string }[];
    initContainers?: { name: string; restartPolicy?: string }[];
    volumes?: { name: string; secret?: { secretName?: string; optional?: boolean }; configMap?: { name?: string } }[];
  };
}

/** An object as the store keeps it. The manifest is text: a thousand clusters fit into memory. */
export interface Stored {
  json: string;
  uid: string;
  createdAt: number;
  generation: number;
  version: number;
  appliedAt: number;
  /** When the pods of a workload began to start, and how long that takes. */
  rolledAt: number;
  startMs: number;
}

/** The model keeps JSON, so that what it hands out cannot be changed behind its back. */
export const parsed = (json: string): AnyObject => JSON.parse(json) as AnyObject;

export const podIn = (json: string): PodTemplate => JSON.parse(json) as PodTemplate;

/** Equal objects of different clusters are one text. */
const texts = new Map<string, string>();

export function textOf(object: object): string {
  const json = JSON.stringify(object);
  const known = texts.get(json);
  if (known !== undefined) return known;
  texts.set(json, json);
  return json;
}

/** Characters of all objects, each once. */
export const sizeOfTexts = (): number => [...texts.keys()].reduce((sum, { length }) => sum + length, 0);

export const keyOf = ({ apiVersion = 'v1', kind = '', metadata }: ObjectRef | ManifestObject): string =>
  [apiVersion.split('/').slice(0, -1).join('/'), kind, metadata.namespace ?? '', metadata.name].join(' ');

/** Address of a Service, always the same. */
export function addressOf(namespace: string, name: string): string {
  const hash = hashOf(`${namespace}/${name}`);
  return `10.43.${(hash >>> 8) & 255}.${(hash & 253) + 1}`;
}
