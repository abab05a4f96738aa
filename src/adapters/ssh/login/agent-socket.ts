import { connect } from 'node:net';
import { lengthFirst, uint32, WireReader } from './wire.js';

/** https://datatracker.ietf.org/doc/html/draft-ietf-sshm-ssh-agent */
const [REQUEST_IDENTITIES, IDENTITIES, SIGN_REQUEST, SIGNATURE] = [11, 12, 13, 14];

/** The public parts of an agent's keys. @throws Error */
export async function agentKeys(socket: string, signal: AbortSignal): Promise<Buffer[]> {
  const reply = new WireReader(await ask(socket, Buffer.from([REQUEST_IDENTITIES]), IDENTITIES, signal));
  return Array.from({ length: reply.number() }, () => {
    const key = reply.string();
    reply.string(); // its comment
    return key;
  });
}

/** A signature with its type and what the type adds. @throws Error */
export async function agentSignature(
  socket: string,
  { key, data, flags }: { key: Buffer; data: Buffer; flags: number },
  signal: AbortSignal,
): Promise<Buffer> {
  const request = Buffer.concat([Buffer.from([SIGN_REQUEST]), lengthFirst(key), lengthFirst(data), uint32(flags)]);
  return new WireReader(await ask(socket, request, SIGNATURE, signal)).string();
}

/** The content of the one reply, after its type. */
function ask(path: string, request: Buffer, wanted: number, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path, signal });
    let received = Buffer.alloc(0);
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the agent closed the connection')));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 5 || received.length < 4 + received.readUInt32BE(0)) return;
      if (received[4] === wanted) resolve(received.subarray(5, 4 + received.readUInt32BE(0)));
      else reject(new Error('the agent refused'));
      socket.destroy();
    });
    socket.write(lengthFirst(request));
  });
}
