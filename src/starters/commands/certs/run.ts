import { randomBytes, X509Certificate } from 'node:crypto';
import { join, resolve } from 'node:path';
import { ProvisionError } from '../../../contract/errors.js';
import { clientOf, issuerOf, NATS_CA, TRUST_ANCHOR } from '../../../domain/pki/profiles.js';
import { writeWhole } from '../../../local/atomic-file.js';
import type { Context } from '../../context.js';
import { usage } from '../../failure.js';
import { commandLine } from '../../invocation.js';
import { printData, printJson, say } from '../../io.js';
import { renderTable } from '../../terminal/table.js';
import { chooseName, type Choice } from '../../topologies/choose.js';

export interface ExportOptions {
  out: string;
  p12?: string;
  withCaKeys?: boolean;
}

interface Material {
  topology: string;
  /** As in the store: `nats/ca.crt`. */
  names: string[];
  read: (name: string) => Promise<Buffer>;
}

const DAY_MS = 86_400_000;
/** Their keys sign certificates that the whole topology trusts. */
const CA_KEY = new RegExp(`^(${TRUST_ANCHOR}|${NATS_CA}|linkerd/issuer-.+)\\.key$`);
const PASSWORD_BYTES = 18;
/** File modes. */
const PRIVATE = 0o600;
const PUBLIC = 0o644;

export async function listCerts(context: Context, choice: Choice, { json }: { json?: boolean }): Promise<number> {
  const { names, read } = await openMaterial(context, choice);
  const certificates = await Promise.all(
    names.filter((name) => name.endsWith('.crt')).map(async (name) => factsOf(name, await read(name))),
  );
  if (json === true) printJson(context.io, certificates);
  else {
    const rows = certificates.map(({ name, commonName, notAfter, daysLeft }) => [
      name,
      commonName,
      notAfter.slice(0, 10),
      daysLeft < 30 ? context.style.yellow(String(daysLeft)) : String(daysLeft),
    ]);
    printData(context.io, renderTable(['CERTIFICATE', 'NAME', 'EXPIRES', 'DAYS LEFT'], rows, context.style));
  }
  return 0;
}

function factsOf(name: string, pem: Buffer): { name: string; commonName: string; notAfter: string; daysLeft: number } {
  const { subject, validTo } = new X509Certificate(pem);
  const end = Date.parse(validTo);
  return {
    name: exportedName(name),
    commonName: /^CN=(.*)$/m.exec(subject)?.[1] ?? '',
    notAfter: new Date(end).toISOString(),
    daysLeft: Math.floor((end - Date.now()) / DAY_MS),
  };
}

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

/** Linkerd's files are at the top, named as Linkerd's own tools name them; those of NATS are below nats/. */
const exportedName = (name: string): string =>
  name.startsWith(`${TRUST_ANCHOR}.`) ? name.replace(TRUST_ANCHOR, 'ca') : name.replace(issuerOf(''), 'issuer-');

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

async function openMaterial(context: Context, choice: Choice): Promise<Material> {
  const topology = await chooseName(context, choice);
  const { AgeSecretStore } = await import('../../../adapters/secret-store/age-secret-store.js');
  const store = new AgeSecretStore(context.settings.stateDir);
  const missing = (what: string): ProvisionError =>
    new ProvisionError(
      'SECRET_MISSING',
      `topology "${topology}" has no ${what}`,
      `issue what is missing: ${commandLine('provision')}`,
    );
  const names = (await store.list(topology)).filter((name) => /\.(crt|key)$/.test(name));
  if (names.length === 0) throw missing('certificates yet');
  return {
    topology,
    names,
    read: async (name) => {
      const value = await store.read(topology, name);
      if (value === undefined) throw missing(name);
      return value;
    },
  };
}
