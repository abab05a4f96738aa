import type { KubernetesObject } from '@kubernetes/client-node';
import { fetch, type Dispatcher } from 'undici';
import { parseObject } from '../../contract/json.js';
import { FIELD_MANAGER } from '../../contract/names.js';
import { mustBePlain, PLAIN } from './plain-response.js';
import { API_ORIGIN } from './stream-dispatcher.js';

const PATH = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const NOT_FOUND = 404;

interface Call {
  dispatcher: Dispatcher;
  signal: AbortSignal;
}

/**
 * CustomResourceDefinitions go as they are, past the client's serializer: that one knows the fields of a schema by other
 * names, and drops `default`, `enum` and every `x-kubernetes-...` of the real ones silently.
 */
export const isDefinition = ({ kind }: KubernetesObject): boolean => kind === 'CustomResourceDefinition';

export const readDefinition = async (name: string, call: Call): Promise<KubernetesObject | undefined> => {
  const response = await fetch(`${API_ORIGIN}${PATH}/${name}`, { ...call, headers: PLAIN });
  return response.status === NOT_FOUND ? undefined : answered(response);
};

/** @param dryRun `All`: nothing is stored */
export async function applyDefinition(
  definition: KubernetesObject,
  { dryRun, ...call }: Call & { dryRun?: 'All' },
): Promise<KubernetesObject> {
  const query = new URLSearchParams({ fieldManager: FIELD_MANAGER, force: 'true' });
  if (dryRun !== undefined) query.set('dryRun', dryRun);
  return answered(
    await fetch(`${API_ORIGIN}${PATH}/${definition.metadata?.name ?? ''}?${query.toString()}`, {
      ...call,
      method: 'PATCH',
      headers: { ...PLAIN, 'content-type': 'application/apply-patch+yaml' },
      body: JSON.stringify(definition),
    }),
  );
}

async function answered(response: Awaited<ReturnType<typeof fetch>>): Promise<KubernetesObject> {
  mustBePlain(response.headers.get('content-encoding'));
  const body = await response.text();
  if (response.ok) return parseObject<KubernetesObject>(body, {});
  throw refusal(response.status, body);
}

/** A refusal in the shape that the client's own errors have. */
export const refusal = (status: number, body: string): Error =>
  Object.assign(new Error(`the API responded ${status}`), { code: status, body });
