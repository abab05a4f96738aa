import { inQuotes, type Page } from './pages.js';

const listed = (words: readonly string[]): string => inQuotes(words.join(' '));

/** Load it with: source <(leafspan completion bash) */
export const renderBash = (pages: readonly Page[]): string => `# bash completion of leafspan
_leafspan() {
  local path='' word i current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} words options
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    [ "$word" != -- ] || return 0
    case $path/$word in
      ${pages.flatMap(({ path }) => (path === '' ? [] : [path])).join(' | ')}) path=$path/$word ;;
    esac
  done
  case "$path $before" in
${pages.flatMap(({ path, values }) => values.map(({ option, words }) => `    ${inQuotes(`${path} ${option}`)}) COMPREPLY=($(compgen -W ${listed(words)} -- "$current")); return 0 ;;`)).join('\n')}
  esac
  case $path in
${pages.map(({ path, words, options }) => `    ${inQuotes(path)}) words=${listed(words.map(({ word }) => word))} options=${listed(options.map(({ word }) => word))} ;;`).join('\n')}
  esac
  case $current in -*) words=$options ;; esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _leafspan leafspan
`;
