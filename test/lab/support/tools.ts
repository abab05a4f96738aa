import type { SystemLab } from './system-lab.js';

/** What the tools print for the login user of a host, over SSH, a line each. */
export async function toolsAt(lab: SystemLab, host: string, linkerd: string): Promise<string[]> {
  const others = 'XDG_DATA_HOME=/tmp/theirs nats --version; step version';
  const script = `kubectl get nodes -o name; helm version; ${linkerd}; ${others}`;
  return (await lab.cli.mustRun('lab', 'ssh', host, script)).stdout.trim().split('\n');
}
