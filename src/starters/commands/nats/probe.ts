import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Address } from '../../access/reach.js';

const TIMEOUT_MS = 2_000;

/**
 * Whether a NATS server says hello there. It is greeted as by a client, since a connection that ends before its handshake
 * is an error in the server's log. What is wrong with certificates the program itself will say.
 */
export const saysHello = ({ address, port }: Address, material: { cert: string; key: string; ca: string }) =>
  new Promise<boolean>((resolve) => {
    let hello = false;
    const socket = connect({ host: address, port, timeout: TIMEOUT_MS });
    socket.once('error', () => undefined); // what follows says it
    socket.once('timeout', () => socket.destroy());
    socket.once('close', () => resolve(hello));
    socket.once('data', () => {
      hello = true;
      // Nothing is said but the greeting, so it may be said to anyone.
      const secure = connectTls({ socket, ...material, rejectUnauthorized: false });
      secure.once('error', () => socket.destroy());
      secure.once('secureConnect', () => secure.end());
    });
  });
