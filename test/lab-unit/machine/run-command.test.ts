import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { mustRun, run } from '../../../src/lab/machine/run-command.js';

const shell = (script: string): ['sh', string[]] => ['sh', ['-c', script]];

/** The processes of this machine whose command line has this word. */
const processesWith = (word: string): string[] =>
  readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && commandLine(pid).split('\0').includes(word));

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

async function linesOf(script: string): Promise<string[]> {
  const lines: string[] = [];
  await run(...shell(script), { onLine: (line) => lines.push(line) });
  return lines;
}

describe('lines', () => {
  test('a line that arrives in two pieces is one line', async () => {
    expect(await linesOf('printf "one\\ntw"; sleep 0.2; printf "o\\nthree"')).toEqual(['one', 'two', 'three']);
  });

  test('a character that arrives in two pieces is one character', async () => {
    expect(await linesOf('printf "gr\\303"; sleep 0.2; printf "\\274n\\n"')).toEqual(['grün']);
  });
});

describe('input', () => {
  test('a command without input reads an empty one', async () => {
    expect(await run('cat', [])).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('a command may stop before it has read its input', async () => {
    expect(await run('true', [], { input: 'x'.repeat(10_000_000) })).toMatchObject({ code: 0 });
  });

  test('the environment is added to that of this process', async () => {
    const { stdout } = await run(...shell('echo "$GREETING"; command -v sh'), { env: { GREETING: 'hello' } });
    expect(stdout).toMatch(/^hello\n\/.*sh$/);
  });
});

describe('a command that fails', () => {
  test('is returned with its exit code and what it said', async () => {
    expect(await run(...shell('echo out; echo err >&2; exit 3'))).toEqual({ code: 3, stdout: 'out', stderr: 'err' });
  });

  test('says what killed it', async () => {
    expect(await run(...shell('kill -9 $$'))).toEqual({ code: 128, stdout: '', stderr: 'killed by SIGKILL' });
  });

  test('is an error in one line, with the last lines of output apart', async () => {
    await expect(mustRun(...shell('seq 30 >&2; exit 3'))).rejects.toMatchObject({
      code: 'LAB_COMMAND_FAILED',
      message: 'exit code 3 from: sh -c seq 30 >&2; exit 3',
      output: expect.stringMatching(/^11\n[^]*\n30$/),
    });
  });

  test('a machine without setpriv is told what to install', async () => {
    await expect(run('true', [], { env: { PATH: '/nonexistent' } })).rejects.toMatchObject({
      code: 'LAB_TOOL_MISSING',
      hint: 'install util-linux',
    });
  });
});

describe('a command that is cancelled', () => {
  const stop = new Error('another part failed');

  test('has stopped when its caller hears of it, with the reason', async () => {
    const controller = new AbortController();
    let pid = '';
    const running = run(...shell('echo $$; exec sleep 600'), {
      signal: controller.signal,
      onLine: (line) => {
        pid = line;
        controller.abort(stop);
      },
    });
    await expect(running).rejects.toBe(stop);
    expect(existsSync(`/proc/${pid}`)).toBe(false);
  });

  test('takes its children with it when it runs apart', async () => {
    const controller = new AbortController();
    const word = `600.${process.pid}`;
    const running = run(...shell(`sleep ${word} & echo ready; wait`), {
      signal: controller.signal,
      onLine: () => controller.abort(stop),
      apart: true,
    });
    await expect(running).rejects.toBe(stop);
    expect(processesWith(word)).toEqual([]);
  });

  test('is not started when it is too late', async () => {
    await expect(run('nosuch-command', [], { signal: AbortSignal.abort(stop) })).rejects.toBe(stop);
  });
});

test('a command does not outlive a killed process of ours', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'leafspan-run-command-'));
  const alive = join(folder, 'alive');
  execFileSync('mkfifo', [alive]);
  const program = join(import.meta.dirname, 'run-command-process.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', program, alive], { stdio: 'inherit' });
  const reader = createReadStream(alive);
  await once(reader, 'ready'); // the command has opened it
  child.kill('SIGKILL');
  await once(reader.resume(), 'end'); // the command is gone
  rmSync(folder, { recursive: true });
});
