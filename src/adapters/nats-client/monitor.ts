import { request } from 'node:https';
import type { MonitorPage, NatsTarget } from '../../parts/ports.js';

/** The status with which a page is answered; nothing of the page is read. @throws the socket's own error */
export function monitorStatus(
  { port, serverName }: NatsTarget,
  { ca, path }: MonitorPage,
  timeoutMs: number,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request(
      {
        host: '127.0.0.1',
        port,
        path,
        ca,
        servername: serverName,
        agent: false,
        signal: AbortSignal.timeout(timeoutMs),
      },
      (response) => {
        resolve(response.statusCode ?? 0);
        response.destroy();
      },
    );
    call.on('error', reject); // never removed: an unhandled error event stops the worker
    call.end();
  });
}
