import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

interface Service {
  image?: string;
  environment?: Record<string, string>;
  entrypoint?: string[];
  command?: string[];
  tmpfs?: string[];
  user?: string;
}

type Variables = Readonly<Record<string, string>>;

/** As Compose reads it: `${NAME:-default}` is the variable or its default, `$$` is `$`. */
const interpolated = (text: string, variables: Variables): string =>
  text.replace(/\$\$|\$\{(\w+)(?::-([^}]*))?\}/g, (whole, name: string, byDefault: string | undefined) =>
    whole === '$$' ? '$' : (variables[name] ?? byDefault ?? ''),
  );

const file = readFileSync(new URL('../../../docker-compose.yml', import.meta.url), 'utf8');

/** @throws Error when docker-compose.yml has no such service */
export function composeService(name: string, variables: Variables = {}): Required<Service> {
  const { services } = parse(interpolated(file, variables), { merge: true }) as { services: Record<string, Service> };
  const service = services[name];
  if (service === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return { image: '', environment: {}, entrypoint: [], command: [], tmpfs: [], user: '', ...service };
}
