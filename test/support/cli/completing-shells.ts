import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const BASH = `source "$1"; shift
for line; do
  read -ra COMP_WORDS <<<"$line"; [[ $line != *' ' ]] || COMP_WORDS+=('')
  COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); COMPREPLY=(); _leafspan; echo "\${COMPREPLY[@]}"
done`;

const FISH = `source $argv[1]
for line in $argv[2..-1]
  echo (complete -C $line | cut -f 1)
end`;

/** zsh completes only for its line editor, so one in a terminal of its own is typed to, and collects what is offered. */
const ZSH = `zmodload zsh/zpty
zpty typed zsh -f -i
zpty -w typed "PROMPT=; stty -echo; autoload -Uz compinit; compinit -D -u; source '$1'"
zpty -w typed 'compadd() {
  local -a hits
  [[ "\${@[1,(i)(-|--)]} " == *\\ -[OAD]\\ * || $1 == -[OAD] ]] || { builtin compadd -O hits "$@"; offered+=($hits) }
  builtin compadd "$@"
}
show() { print -r -- "<<$offered>>"; offered=() BUFFER="" }; zle -N show; bindkey "^X" show; print RE""ADY'
zpty -r typed out '*READY*'
for line in "\${@[2,-1]}"; do
  zpty -w -n typed $line$'\\t\\x18'
  zpty -r typed out '*<<*>>'
  print -r -- \${\${out##*<<}%>>}
done
zpty -d typed`;

const START = {
  bash: ['--norc', '-c', BASH, 'bash'],
  zsh: ['-f', '-c', ZSH, 'zsh'],
  fish: ['--no-config', '-c', FISH],
} as const;
export type CompletingShell = keyof typeof START;

/** What a real shell that has loaded the script offers after each of these lines. */
export function offeredBy(shell: CompletingShell, script: string, lines: readonly string[]): string[][] {
  const folder = mkdtempSync(join(tmpdir(), 'leafspan-completion-'));
  try {
    const file = join(folder, 'script');
    writeFileSync(file, script);
    const printed = execFileSync(shell, [...START[shell], file, ...lines], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 20_000,
    });
    return printed
      .trimEnd()
      .split('\n')
      .map((words) => [...new Set(words.trim().split(' '))].filter((word) => word !== '').sort());
  } finally {
    rmSync(folder, { recursive: true });
  }
}
