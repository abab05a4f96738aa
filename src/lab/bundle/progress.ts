/** One line of progress: a step begins, ends, or has something to say. */
export interface BundleProgress {
  step: string;
  state: 'running' | 'done' | 'note';
  detail?: string;
  elapsedMs?: number;
}

export type BundleReport = (line: BundleProgress) => void;
