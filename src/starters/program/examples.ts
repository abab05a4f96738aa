import type { Command } from 'commander';
import { commandLine } from '../invocation.js';

/** One for each command, by its words. */
export const EXAMPLES: Readonly<Record<string, string>> = {
  init: 'init --name plant-7 --hub ubuntu@203.0.113.10 --leaf ubuntu@203.0.113.20',
  plan: 'plan -f topology.yaml',
  provision: 'provision -f topology.yaml --trust-on-first-use',
  verify: 'verify plant-7 --failed',
  doctor: 'doctor plant-7 --support seen.json',
  bench: 'bench plant-7 --from cluster-b --json',
  report: 'report plant-7',
  teardown: 'teardown plant-7 --only cluster-b',
  status: 'status plant-7 --watch',
  approve: 'approve messaging plant-7 --note agreed',
  reject: 'reject messaging plant-7 --note later',
  pause: 'pause plant-7',
  resume: 'resume plant-7',
  cancel: 'cancel plant-7',
  kubeconfig: 'kubeconfig cluster-a --merge --name plant-7-a',
  kubectl: 'kubectl cluster-a -- -n nats-system get pods',
  nats: 'nats cluster-a -- sub test.messages',
  logs: 'logs broker --follow',
  ui: 'ui',
  'certs list': 'certs list plant-7',
  'certs renew': 'certs renew plant-7 --yes',
  'certs export': 'certs export plant-7 --user ORDERS/audit --out audit',
  'certs import': 'certs import plant-7 --p12 ca.p12',
  firewall: 'firewall plant-7 --format ufw --host vm-a',
  'lab up': 'lab up --hosts 3',
  'lab status': 'lab status',
  'lab ssh': 'lab ssh vm-a kubectl get nodes',
  'lab down': 'lab down',
  'lab fault cut': 'lab fault cut vm-b vm-a --port 4143',
  'lab fault heal': 'lab fault heal',
  'lab fault delay': 'lab fault delay vm-b 200',
  'lab fault reboot': 'lab fault reboot vm-b',
  'lab fault kill': 'lab fault kill vm-b',
  'lab fault start': 'lab fault start vm-b',
  'lab fault fill-disk': 'lab fault fill-disk vm-b --leave-mb 100',
  'bundle build': 'bundle build --out bundle --arch arm64',
  'bundle verify': 'bundle verify bundle',
  'bundle list': 'bundle list bundle',
  worker: 'worker',
  stop: 'stop',
  completion: 'completion bash',
};

/** Shows the example of each command at the end of its help. */
export function addExamples(command: Command, words: readonly string[] = []): void {
  const example = EXAMPLES[words.join(' ')];
  if (example !== undefined) command.addHelpText('after', `\nExample:\n  ${commandLine(example)}`);
  for (const each of command.commands) addExamples(each, [...words, each.name()]);
}
