import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

interface Service {
  image?: string;
  environment?: Record<string, string>;
  entrypoint?: string[];
  command?: string[];
}

/** As Compose reads it when no variable is set: `${NAME:-default}` is its default, `$$` is `$`. */
const interpolated = (text: string): string =>
  text.replace(/\$\$|\$\{\w+(?::-([^}]*))?\}/g, (whole, byDefault: string | undefined) =>
    whole === '$$' ? '$' : (byDefault ?? ''),
  );

const file = new URL('../../../docker-compose.yml', import.meta.url);
const { services } = parse(interpolated(readFileSync(file, 'utf8')), { merge: true }) as {
  services: Record<string, Service>;
};

/** @throws Error when docker-compose.yml has no such service */
export function composeService(name: string): Required<Service> {
  const service = services[name];
  if (service === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return { image: '', environment: {}, entrypoint: [], command: [], ...service };
}
