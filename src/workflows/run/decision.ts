import { fieldOf } from '../../contract/caught.js';
import type { Decision } from '../../contract/messages.js';

/**
 * Anyone can send a signal, also typed in the Web UI: an error thrown over its shape would stop the workflow.
 * undefined: it names no phase.
 */
export function readDecision(sent: unknown): Decision | undefined {
  if (typeof sent !== 'object' || sent === null) return undefined;
  const [phase, by, note, planDigest] = ['phase', 'by', 'note', 'planDigest'].map((name) => fieldOf(sent, name));
  if (typeof phase !== 'string') return undefined;
  return {
    phase,
    ...(typeof by === 'string' ? { by } : {}),
    ...(typeof note === 'string' ? { note } : {}),
    ...(planDigest === undefined || planDigest === null
      ? {}
      : { planDigest: typeof planDigest === 'string' ? planDigest : JSON.stringify(planDigest) }),
  };
}
