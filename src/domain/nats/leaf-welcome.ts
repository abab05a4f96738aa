import { parseObject } from '../../contract/json.js';

/** What a broker tells a leaf node that it lets in, by the user of its certificate. */
export interface LeafWelcome {
  account: string;
  /** What the leaf node may send. */
  publish: string[];
  /** What it gets. */
  subscribe: string[];
}

interface Info {
  connect_info?: boolean;
  remote_account?: string;
  import?: { allow?: string[] };
  export?: { allow?: string[] };
}

/** undefined: the broker did not let it in. @param heard all that came back after the handshake */
export function welcomeIn(heard: string): LeafWelcome | undefined {
  const infos = [...heard.matchAll(/^INFO (\{.*\})\s*$/gm)].map(([, json = '']) => parseObject<Info>(json, {}));
  const info = infos.find(({ connect_info: isWelcome }) => isWelcome === true);
  if (info === undefined) return undefined;
  return {
    account: info.remote_account ?? '',
    publish: info.export?.allow ?? [],
    subscribe: info.import?.allow ?? [],
  };
}
