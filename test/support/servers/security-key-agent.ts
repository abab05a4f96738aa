import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:net';
import { lengthFirst, uint32, WireReader } from '../../../src/adapters/ssh/login/wire.js';

/** An agent with a security key in software: what a device signs, sshd verifies without one. */
export interface SecurityKeyAgent {
  /** For authorized_keys. */
  publicKey: string;
  close(): void;
}

const TYPE = 'sk-ssh-ed25519@openssh.com';
const APPLICATION = 'ssh:';
/** The user touched it. */
const TOUCHED = Buffer.from([1]);
const COUNTER = uint32(7);
const [IDENTITIES, SIGN_REQUEST, SIGNATURE] = [12, 13, 14];

const sha256 = (data: string | Buffer): Buffer => createHash('sha256').update(data).digest();

/** https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.u2f */
export async function startSecurityKeyAgent(socket: string): Promise<SecurityKeyAgent> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  const blob = Buffer.concat([TYPE, raw, APPLICATION].map(lengthFirst));
  const signed = (data: Buffer): Buffer => {
    const signature = sign(null, Buffer.concat([sha256(APPLICATION), TOUCHED, COUNTER, sha256(data)]), privateKey);
    return Buffer.concat([lengthFirst(TYPE), lengthFirst(signature), TOUCHED, COUNTER]);
  };
  const replyTo = (request: Buffer): Buffer => {
    if (request[4] !== SIGN_REQUEST)
      return Buffer.concat([Buffer.from([IDENTITIES]), uint32(1), lengthFirst(blob), lengthFirst('a security key')]);
    const fields = new WireReader(request, 5);
    fields.string();
    return Buffer.concat([Buffer.from([SIGNATURE]), lengthFirst(signed(fields.string()))]);
  };
  const server = createServer((client) => {
    client.on('error', () => undefined);
    client.on('data', (request) => client.write(lengthFirst(replyTo(request))));
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return { publicKey: `${TYPE} ${blob.toString('base64')}\n`, close: () => void server.close() };
}
