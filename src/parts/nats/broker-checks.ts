import type { Scope } from '../../contract/scope.js';
import type { Check } from '../check.js';

/** Who gets in at the broker and who does not. */
export const brokerEntryChecks = (_scope: Scope): Check[] => [];
