import type { Times } from '../pace.js';

interface Running {
  since: number;
  readyAt: number;
  /** Binary and configuration that the process was started with. */
  files: string;
}

/** K3s as systemd and its callers see it: `activating` until its API server is ready. */
export class K3sModel {
  /** The unit is there, and whether it starts at boot. */
  unit: { enabled: boolean } | undefined;
  #running: Running | undefined;
  readonly #times: Times;

  constructor(times: Times) {
    this.#times = times;
  }

  start(files: string): void {
    const since = Date.now();
    this.#running ??= { since, readyAt: since + this.#times.work('k3sStart'), files };
  }

  restart(files: string): void {
    this.#running = undefined;
    this.start(files);
  }

  stop(): void {
    this.#running = undefined;
  }

  remove(): void {
    this.unit = undefined;
    this.#running = undefined;
  }

  get state(): 'inactive' | 'activating' | 'active' {
    if (this.#running === undefined) return 'inactive';
    return Date.now() >= this.#running.readyAt ? 'active' : 'activating';
  }

  /** When the API server of the running process is or will be ready; undefined when it is stopped. */
  get readyAt(): number | undefined {
    return this.#running?.readyAt;
  }

  runs(files: string): boolean {
    return this.#running?.files === files;
  }
}
