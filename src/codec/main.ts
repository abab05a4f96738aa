import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../local/processes.js';
import { serveCodec } from './codec-server.js';
import { HistoryKeys } from './history-keys.js';
import { userAt } from './loopback-peer.js';
import { SealedPayloads } from './sealed-payloads.js';

/** A program: leafspan-codec <state directory> <port> <port of the Web UI> <process id of the server> <part of its command line>. */
const [, , stateDir = '', port = '', uiPort = '', serverPid = '', serverMarker = ''] = process.argv;
const LOOK_EVERY_MS = 2_000;
const ROOT = 0;
const own = process.getuid?.();

const server = await serveCodec(new SealedPayloads(await HistoryKeys.open(stateDir)), Number(port), {
  origins: ['127.0.0.1', 'localhost'].map((name) => `http://${name}:${uiPort}`),
  isOwn: (connection) => {
    const user = userAt(connection);
    return user !== undefined && (user === own || user === ROOT);
  },
});
// It is there for the Web UI of one server, and for one state directory.
while (isAlive(Number(serverPid), serverMarker) && existsSync(stateDir)) await sleep(LOOK_EVERY_MS);
server.closeAllConnections();
server.close();
