import { inQuotes, type Page, type Word } from './pages.js';

const quoted = (text: string): string => inQuotes(text).replaceAll(`'\\''`, `\\'`);

/** Load it with: leafspan completion fish | source */
export const renderFish = (pages: readonly Page[]): string => `# fish completion of leafspan
function __leafspan_at
    set -l path ''
    for word in (commandline -opc)[2..-1]
        if test "$word" = --
            return 1
        end
        if contains -- "$path/$word" ${pages.flatMap(({ path }) => (path === '' ? [] : [path])).join(' ')}
            set path "$path/$word"
        end
    end
    test "$path" = "$argv[1]"
end
${pages.flatMap((page) => [...page.words.map((word) => line(page, `-f -a ${quoted(word.word)}`, word)), ...page.options.map((option) => optionLine(page, option))]).join('\n')}
`;

const line = ({ path }: Page, what: string, { description }: Word): string =>
  `complete -c leafspan -n ${quoted(`__leafspan_at '${path}'`)} ${what}${description === '' ? '' : ` -d ${quoted(description)}`}`;

function optionLine(page: Page, option: Word): string {
  const flag = option.word.startsWith('--') ? `-l ${option.word.slice(2)}` : `-s ${option.word.slice(1)}`;
  const values = page.values.find((each) => each.option === option.word);
  return line(page, values === undefined ? flag : `${flag} -x -a ${quoted(values.words.join(' '))}`, option);
}
