/** What a NATS server reports of its streams at `jsz?accounts=true&streams=true`; empty lists are left out. */
export interface Jsz {
  disabled?: boolean;
  account_details?: {
    name: string;
    stream_detail?: { name: string; state?: { messages?: number } }[];
  }[];
}

/** Streams that hold messages, a sentence each. */
export const heldIn = ({ account_details = [] }: Jsz): string[] =>
  account_details.flatMap((account) =>
    (account.stream_detail ?? []).flatMap(({ name, state }) => {
      const messages = state?.messages ?? 0;
      return messages === 0 ? [] : [`stream ${name} of account ${account.name} holds ${messages} messages`];
    }),
  );

/** The same of accounts that the topology does not have. */
export const heldByOthers = ({ account_details = [] }: Jsz, accounts: readonly string[]): string[] =>
  heldIn({ account_details: account_details.filter(({ name }) => !accounts.includes(name)) });
