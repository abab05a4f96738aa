import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A real ssh-agent of the test's own. */
export interface TestAgent {
  socket: string;
  add(keyFile: string): void;
  stop(): void;
}

const TRIES = 100;

export async function startAgent(socket: string): Promise<TestAgent> {
  const env = { ...process.env, SSH_AUTH_SOCK: socket };
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  /** 2: it does not respond; 1: it has no key. */
  for (let tries = 0; tries < TRIES && spawnSync('ssh-add', ['-l'], { env }).status === 2; tries += 1) await sleep(50);
  return {
    socket,
    add: (keyFile) => {
      const { status, stderr } = spawnSync('ssh-add', ['-q', keyFile], { env, encoding: 'utf8' });
      if (status !== 0) throw new Error(`ssh-add ${keyFile}: ${stderr}`);
    },
    stop: () => agent.kill(),
  };
}

const SIGN_REQUEST = 13;

/** Leads to an agent, and lets each request for a signature wait, as one does that a person confirms. */
export async function slowAgent(socket: string, agent: string, waitMs: number): Promise<Omit<TestAgent, 'add'>> {
  const server = createServer((client) => {
    const upstream = createConnection(agent);
    upstream.pipe(client);
    client.on('data', (chunk: Buffer) => {
      setTimeout(() => upstream.write(chunk), chunk[4] === SIGN_REQUEST ? waitMs : 0);
    });
    client.on('close', () => upstream.destroy());
  });
  server.listen(socket);
  await once(server, 'listening');
  return { socket, stop: () => void server.close() };
}
