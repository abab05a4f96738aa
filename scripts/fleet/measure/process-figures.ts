import { readFileSync } from 'node:fs';

/** What a process has used. */
export interface ProcessFigures {
  peakMb: number;
  cpuSeconds: number;
}

/** Clock ticks per second of every Linux that Node runs on. */
const TICKS = 100;

/** Of a living process, from /proc. */
export function figuresOf(pid: number): ProcessFigures {
  const peakKb = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The program's name, in parentheses, may hold blanks; user and system time are the 12th and 13th field after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { peakMb: Number(peakKb) / 1_024, cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS };
}
