import { keyOf, type CheckKey } from '../../check.js';

export const edgeAvailable = (cluster: string): CheckKey => keyOf({ id: 'edge-available', subject: cluster });
