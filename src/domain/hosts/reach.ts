/** A probe from a host to another one. refused: the host responds, nothing listens yet. filtered: no response at all. */
export interface Reach extends ReachTarget {
  state: 'open' | 'refused' | 'filtered';
}

export interface ReachTarget {
  address: string;
  port: number;
  /** The system works without it. */
  optional?: true;
}

/** Seconds after which a silent port counts as filtered. */
const TIMEOUT_SECONDS = 3;

/**
 * Prints `reach=<address> <port> <state>` for each target; all are tried at once. bash says only in words why it could not
 * connect, so they have to be English.
 */
export const reachScript = (...targets: readonly ReachTarget[]): string => `
reach() {
  local reply; reply=$(LC_ALL=C timeout ${TIMEOUT_SECONDS} bash -c "exec 3<>/dev/tcp/$1/$2" 2>&1); local code=$?
  if [ $code = 0 ]; then echo "reach=$1 $2 open"
  elif [[ $reply == *refused* ]]; then echo "reach=$1 $2 refused"
  else echo "reach=$1 $2 filtered"; fi
}
${targets.map(({ address, port }) => `reach ${address} ${port} &`).join('\n')}
wait
`;

export const parseReach = (output: string): Reach[] =>
  [...output.matchAll(/^reach=(\S+) (\d+) (\w+)$/gm)].map(([, address = '', port = '', state]) => ({
    address,
    port: Number(port),
    state: state === 'open' || state === 'refused' ? state : 'filtered',
  }));
