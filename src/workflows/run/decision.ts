import { fieldOf } from '../../contract/caught.js';
import type { Decision } from '../../contract/messages.js';
import { cut, printable } from '../../contract/printable.js';

/** Characters of a name, and of what a person writes. */
const MAX_NAME = 100;
const MAX_NOTE = 500;

/**
 * Anyone can send a signal, also typed in the Web UI: an error thrown over its shape would stop the workflow.
 * undefined: it names no phase.
 */
export function readDecision(sent: unknown): Decision | undefined {
  if (typeof sent !== 'object' || sent === null) return undefined;
  const [phase, by, note, planDigest] = ['phase', 'by', 'note', 'planDigest'].map((name) => fieldOf(sent, name));
  if (typeof phase !== 'string') return undefined;
  return {
    phase: cut(printable(phase), MAX_NAME),
    ...(typeof by === 'string' ? { by: cut(printable(by), MAX_NAME) } : {}),
    ...(typeof note === 'string' ? { note: cut(printable(note), MAX_NOTE) } : {}),
    ...(planDigest === undefined || planDigest === null
      ? {}
      : { planDigest: typeof planDigest === 'string' ? planDigest : JSON.stringify(planDigest) }),
  };
}
