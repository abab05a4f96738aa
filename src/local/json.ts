import { readFileSync } from 'node:fs';

/** Returns the value as one of the type, or throws. Every zod schema is one. */
export interface Schema<T> {
  parse(value: unknown): T;
}

export const parseJson = <T>(text: string, schema: Schema<T>): T => schema.parse(JSON.parse(text));

export const readJsonFile = <T>(file: string | URL, schema: Schema<T>): T =>
  parseJson(readFileSync(file, 'utf8'), schema);

interface Kinds {
  string: string;
  number: number;
  boolean: boolean;
}
type Fields = Readonly<Record<string, keyof Kinds>>;
type ObjectOf<F extends Fields> = { [K in keyof F]: Kinds[F[K]] };

/** A flat object, for what every command reads at its start: zod takes 60 ms to load. */
export const fields = <const F extends Fields>(wanted: F): Schema<ObjectOf<F>> => ({
  parse: (value) => {
    if (hasFields(value, wanted)) return value;
    const names = Object.entries(wanted).map(([name, kind]) => `${name}: ${kind}`);
    throw new TypeError(`not an object with ${names.join(', ')}`);
  },
});

const hasFields = <F extends Fields>(value: unknown, wanted: F): value is ObjectOf<F> =>
  typeof value === 'object' &&
  value !== null &&
  Object.entries(wanted).every(([name, kind]) => typeof Reflect.get(value, name) === kind);
