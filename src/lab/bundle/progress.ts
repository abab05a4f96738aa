/** One line of progress: a step starts, is done, or has a note. */
export interface BundleProgress {
  step: string;
  state: 'running' | 'done' | 'note';
  detail?: string;
  elapsedMs?: number;
}

export type BundleReport = (line: BundleProgress) => void;
