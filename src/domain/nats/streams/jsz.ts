import { counted } from '../../checks/counted.js';

/** What a NATS server reports of its streams at `jsz?accounts=true&streams=true`; empty lists are left out. */
export interface Jsz {
  disabled?: boolean;
  account_details?: {
    name: string;
    stream_detail?: { name: string; state?: { messages?: number } }[];
  }[];
}

export interface StreamHeld {
  account: string;
  name: string;
  messages: number;
}

/** Without leafspan's own account, whose one stream is that of a bench. */
export const streamsHeld = ({ account_details = [] }: Jsz): StreamHeld[] =>
  account_details
    .filter(({ name }) => name !== 'APP')
    .flatMap((account) =>
      (account.stream_detail ?? []).map(({ name, state }) => ({
        account: account.name,
        name,
        messages: state?.messages ?? 0,
      })),
    );

/** Of accounts that the topology does not have. */
export const formerStreams = (seen: Jsz, accounts: readonly { name: string }[]): StreamHeld[] =>
  streamsHeld(seen).filter(({ account }) => !accounts.some(({ name }) => name === account));

/** Streams that hold messages, a sentence each. */
export const heldIn = (streams: readonly StreamHeld[]): string[] =>
  streams
    .filter(({ messages }) => messages > 0)
    .map(({ account, name, messages }) => `stream ${name} of account ${account} holds ${counted(messages, 'message')}`);
