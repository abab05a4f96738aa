import type { LabNames } from '../names.js';
import { hostOf } from './known.js';

/** With the lab's key and host keys only: no agent, no configuration of the user, no first-use trust. */
export function sshCommand(names: LabNames, host: string, command: string[]): { file: string; args: string[] } {
  const options = [
    'IdentitiesOnly=yes',
    `UserKnownHostsFile=${names.knownHostsFile}`,
    'GlobalKnownHostsFile=/dev/null',
    'StrictHostKeyChecking=yes',
    'LogLevel=ERROR',
  ];
  return {
    file: 'ssh',
    args: [
      ...['-F', '/dev/null', '-i', names.keyFile, ...options.flatMap((option) => ['-o', option])],
      `ubuntu@${hostOf(names, host).address}`,
      ...(command.length > 0 ? ['--', remoteCommand(command)] : []),
    ],
  };
}

/** One word is a line for the remote shell; several are the words of one command, and arrive as such. */
export const remoteCommand = (command: string[]): string =>
  command.length === 1 ? (command[0] ?? '') : command.map(quote).join(' ');

const quote = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);
