import { inQuotes, type Page, type Word } from './pages.js';

const described = (words: readonly Word[]): string =>
  words
    .map(({ word, description }) =>
      inQuotes(description === '' ? word : `${word}:${description.replaceAll(':', '\\:')}`),
    )
    .join(' ');

/** Load it with: source <(leafspan completion zsh), after compinit */
export const renderZsh = (pages: readonly Page[]): string => `#compdef leafspan
# zsh completion of leafspan
_leafspan() {
  local leaf='' word current=$words[CURRENT] before=$words[CURRENT-1]
  local -a commands options
  for word in \${words[2,CURRENT-1]}; do
    [[ $word != -- ]] || { _default; return }
    case $leaf/$word in
      (${pages.flatMap(({ path }) => (path === '' ? [] : [path])).join('|')}) leaf=$leaf/$word ;;
    esac
  done
  case "$leaf $before" in
${pages.flatMap(({ path, values }) => values.map(({ option, words }) => `    (${inQuotes(`${path} ${option}`)}) compadd ${words.map(inQuotes).join(' ')}; return ;;`)).join('\n')}
  esac
  case $leaf in
${pages.map(({ path, words, options }) => `    (${inQuotes(path)}) commands=(${described(words)}) options=(${described(options)}) ;;`).join('\n')}
  esac
  if [[ $current == -* ]]; then _describe option options
  elif (( $#commands )); then _describe command commands
  else _files
  fi
}
compdef _leafspan leafspan
`;
