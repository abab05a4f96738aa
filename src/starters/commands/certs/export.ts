import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { clientOf, NATS_CA, TRUST_ANCHOR } from '../../../domain/pki/profiles.js';
import { writeWhole } from '../../../local/atomic-file.js';
import type { Context } from '../../context.js';
import { usage } from '../../failure.js';
import { say } from '../../io.js';
import type { Choice } from '../../topologies/choose.js';
import { exportedName, openMaterial, type Material } from './material.js';

export interface ExportOptions {
  out: string;
  p12?: string;
  withCaKeys?: boolean;
}

/** Their keys sign certificates that the whole topology trusts. */
const CA_KEY = new RegExp(`^(${TRUST_ANCHOR}|${NATS_CA}|linkerd/issuer-.+)\\.key$`);
const PASSWORD_BYTES = 18;
/** File modes. */
const PRIVATE = 0o600;
const PUBLIC = 0o644;

export async function exportCerts(context: Context, choice: Choice, options: ExportOptions): Promise<number> {
  const { io } = context;
  const material = await openMaterial(context, choice);
  const directory = resolve(io.cwd, options.out);
  const wanted = material.names.filter((name) => options.withCaKeys === true || !CA_KEY.test(name));
  for (const name of wanted) {
    const mode = name.endsWith('.key') ? PRIVATE : PUBLIC;
    await writeWhole(join(directory, exportedName(name)), await material.read(name), mode);
  }
  say(io, `${wanted.length} files written to ${options.out}`);
  if (options.p12 !== undefined) await exportPkcs12(context, material, directory, options.p12);
  return 0;
}

async function exportPkcs12({ io }: Context, material: Material, directory: string, client: string): Promise<void> {
  const name = clientOf(client);
  if (!material.names.includes(`${name}.crt`)) {
    const clients = material.names.flatMap((one) => /^nats\/clients\/(.*)\.crt$/.exec(one)?.[1] ?? []);
    throw usage(`topology "${material.topology}" has no client "${client}"`, `its clients are: ${clients.join(', ')}`);
  }
  const { writePkcs12 } = await import('../../../adapters/cert-mint/pkcs12.js');
  const [certificate = '', privateKey = '', ca = ''] = await Promise.all(
    [`${name}.crt`, `${name}.key`, `${NATS_CA}.crt`].map(async (file) => (await material.read(file)).toString()),
  );
  const password = randomBytes(PASSWORD_BYTES).toString('base64url');
  const file = join(directory, `${name}.p12`);
  await writeWhole(file, writePkcs12({ certificate, privateKey, ca, password, name: client }));
  await writeWhole(`${file}.password`, `${password}\n`);
  say(io, `PKCS#12 file: ${file}, its password is in ${file}.password`);
}
