import type { Context } from '../context.js';
export interface ExportOptions {
  out: string;
  p12?: string;
  withCaKeys?: boolean;
}
export async function listCerts(_c: Context, _ch: unknown, _o: unknown): Promise<number> {
  await Promise.resolve();
  return 0;
}
export async function exportCerts(_c: Context, _ch: unknown, _o: unknown): Promise<number> {
  await Promise.resolve();
  return 0;
}
