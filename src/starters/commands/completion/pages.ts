import type { Command, Option } from 'commander';

export interface Word {
  word: string;
  description: string;
}

/** What may come after the words of one command. */
export interface Page {
  /** `/lab/fault`; the program itself: ''. */
  path: string;
  /** Its commands, or the values of its first argument. */
  words: Word[];
  options: Word[];
  /** By option, the values that it takes. */
  values: { option: string; words: string[] }[];
}

/** One for the program and for each of its commands, from the commands themselves. */
export function pagesOf(command: Command, path = ''): Page[] {
  const commands = command.commands.filter((each) => each.name() !== 'help');
  const options = command.options.filter((option) => !option.hidden);
  const page: Page = {
    path,
    words: [
      ...commands.map((each) => ({ word: each.name(), description: each.description() })),
      ...(command.registeredArguments[0]?.argChoices ?? []).map((word) => ({ word, description: '' })),
    ],
    options: [
      ...options.flatMap((option) => namesOf(option).map((word) => ({ word, description: option.description }))),
      { word: '--help', description: 'display help for command' },
    ],
    values: options
      .flatMap((option) => namesOf(option).map((name) => ({ option: name, words: option.argChoices ?? [] })))
      .filter(({ words }) => words.length > 0),
  };
  return [page, ...commands.flatMap((each) => pagesOf(each, `${path}/${each.name()}`))];
}

const namesOf = ({ short, long }: Option): string[] => [short, long].filter((name) => name !== undefined);

/** For a single-quoted word of a shell. */
export const inQuotes = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
