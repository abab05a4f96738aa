import { z } from 'zod';

const TOKEN = String.raw`(\*|([A-Za-z0-9_-]|\{cluster\})+)`;
/** Tokens between dots; `>` at the end only. NATS's own subjects, inboxes and those of checks are not the user's. */
const SUBJECT = new RegExp(String.raw`^(?!\$|_INBOX(\.|$)|leafspan(\.|$))(${TOKEN}\.)*(${TOKEN}|>)$`);

export const subject = z
  .string()
  .max(200)
  .regex(SUBJECT, 'must be a NATS subject such as orders.{cluster}.>, which does not begin with $, _INBOX or leafspan');
