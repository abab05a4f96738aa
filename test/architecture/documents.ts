import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');
export const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

const SKIPPED = ['node_modules', 'dist', 'coverage', '.git'];

/** Every markdown file of the repository, relative to its root. */
export const markdownFiles = (folder = ''): string[] =>
  readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter(({ name }) => !SKIPPED.includes(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return markdownFiles(path);
      return entry.name.endsWith('.md') ? [path] : [];
    });

export const withoutCode = (text: string): string => text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');

const headings = (text: string, level = '#{1,6}'): string[] =>
  [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(new RegExp(`^${level} (.+)$`, 'gm'))].map(
    ([, title = '']) => title,
  );

/** The anchors of a file's headings, as GitHub makes them. */
export const anchors = (text: string, level?: string): string[] =>
  headings(text, level).map((title) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );
