import { quote } from '../hosts/quote.js';
import { PROBE_PREFIX } from '../nats/names.js';

/** Where a client connects, as its host dials it. */
export interface Server {
  /** The name that the server's certificate carries. */
  name: string;
  address: string;
  port: number;
}

export interface Client {
  server: Server;
  /** PEM: private key, certificate and CA. */
  pem: string;
  /** Of this way only, so that two who measure do not meet. */
  subject: string;
  /** A tenth of messages and time: for a first look. */
  quick: boolean;
}

/** Bytes of each message. */
export const MESSAGE_BYTES = 128;
/** Messages whose arrival is timed: 18 MB on the wire, less than what a server holds back for a slow client. */
const FLOW_MESSAGES = 100_000;
/** Clients that publish to a stream at once, each of which waits for its acknowledgement. */
const PUBLISHERS = 16;
/** For one figure. */
const BUDGET_US = 1_200_000;
const MAX_REQUESTS = 10_000;
/** In which the other end begins to answer. */
const READY_SECONDS = 8;
/** A client that waits for more than comes ends then, whatever became of who started it. */
const CLIENT_SECONDS = 15;

const scaled = ({ quick }: Client, amount: number): number => (quick ? amount / 10 : amount);

export const BENCH_INBOXES = `${PROBE_PREFIX}.bench.inbox`;

const echo = (subject: string): string => `${subject}.echo`;
const flow = (subject: string): string => `${subject}.flow`;
export const streamSubject = (subject: string): string => `${subject}.stream`;

/**
 * Runs with a mount namespace of its own: the key, the list of hosts and what the nats command keeps are in memory there, seen
 * by no one else, and gone with the last process, whatever ends it.
 */
const clientScript = (
  { server, pem }: Client,
  body: string,
): string => `command -v nats > /dev/null || { echo 'this host has no nats command' >&2; exit 41; }
printf '%s' ${quote(pem)} | env -i PATH="$PATH" LC_ALL=C HOME=/run XDG_DATA_HOME=/run XDG_CONFIG_HOME=/run unshare --mount --propagation private bash --noprofile --norc -c ${quote(`
set -eu -o pipefail
umask 077
mount -t tmpfs -o size=8m,mode=0700 leafspan-bench /run
cd /run
cat > pem
printf '%s\\n' '127.0.0.1 localhost' ${quote(`${server.address} ${server.name}`)} > hosts
mount --bind hosts /etc/hosts
program=(timeout --foreground ${CLIENT_SECONDS} nats --no-context --server ${quote(`tls://${server.name}:${server.port}`)})
program+=(--tlscert pem --tlskey pem --tlsca pem --inbox-prefix ${BENCH_INBOXES})
client() { "\${program[@]}" "$@" < /dev/null; }
bench() { client bench "$@" --no-progress --size ${MESSAGE_BYTES} > said 2>&1 || { cat said >&2; exit 43; }; }
${body}`)}
`;

/** Answers each request at once, and takes the time in which many messages arrive. Prints a table of nats bench. */
export const answeringScript = (client: Client): string =>
  clientScript(
    client,
    `
touch flow.csv
"\${program[@]}" bench sub ${flow(client.subject)} --msgs ${scaled(client, FLOW_MESSAGES)} --no-progress --size ${MESSAGE_BYTES} --csv flow.csv < /dev/null > said 2>&1 & flow=$!
sleep 0.3
"\${program[@]}" reply ${echo(client.subject)} --echo < /dev/null > /dev/null 2>&1 & echo=$!
wait $flow || cat said >&2
kill $echo
cat flow.csv
`,
  );

/** The nats command succeeds when no one responds, but prints nothing then. */
const untilAnswered = (subject: string): string => `
until [ -n "$(client --timeout 1s request ${subject} ready --raw 2> said)" ]; do
  [ $SECONDS -lt ${READY_SECONDS} ] || { cat said >&2; exit 42; }
  sleep 0.2
done`;

/** As many requests as fit into the time, by the median of a first few. */
const timed = (client: Client, subject: string): string => `${untilAnswered(subject)}
bench service request ${subject} --msgs 20 --csv first.csv
IFS=, read -r -a cells <<< "$(tail -n 1 first.csv)"
median=$((\${cells[10]%.*} + 1))
fitting() { n=$(($1 * ${scaled(client, BUDGET_US)} / median)); n=$((n < 20 ? 20 : n)); echo $((n > ${MAX_REQUESTS} * $1 ? ${MAX_REQUESTS} * $1 : n)); }
bench service request ${subject} --msgs $(fitting 1) --csv asked.csv
cat asked.csv`;

/** Takes the time of requests, one after the other, then sends more messages than the other end waits for. */
export const askingScript = (client: Client): string =>
  clientScript(
    client,
    `${timed(client, echo(client.subject))}
bench pub ${flow(client.subject)} --msgs ${scaled(client, FLOW_MESSAGES * 1.2)}
`,
  );

/** The same of a stream, which acknowledges each message: one at a time, then many. */
export const publishingScript = (client: Client): string =>
  clientScript(
    client,
    `${timed(client, streamSubject(client.subject))}
median=$((median * 4)) # of many at once each takes longer
bench service request ${streamSubject(client.subject)} --msgs $(fitting ${PUBLISHERS}) --clients ${PUBLISHERS} --csv many.csv
cat many.csv
`,
  );
