import type { Context } from '../context.js';
export async function kubeconfig(_c: Context, _ch: unknown, _o: unknown): Promise<number> {
  await Promise.resolve();
  return 0;
}
