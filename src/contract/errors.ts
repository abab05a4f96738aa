/**
 * One class for every failure that leafspan explains. The code decides whether a retry can help, the CLI's exit code and
 * the heading in docs/troubleshooting.md. Compare by `code`, never by instanceof: classes do not survive the wire.
 */
interface CodeFacts {
  /** True when waiting cannot fix it: Temporal does not retry it. */
  permanent: boolean;
  exit: 1 | 2;
  /** Heading in docs/troubleshooting.md. */
  docs: string;
}

const permanent = (docs: string, exit: 1 | 2 = 1): CodeFacts => ({ permanent: true, exit, docs });
const passing = (docs: string): CodeFacts => ({ permanent: false, exit: 1, docs });

export const ERROR_CODES = {
  USAGE: permanent('usage', 2),
  TOPOLOGY_INVALID: permanent('topology-invalid', 2),
  TOPOLOGY_UNKNOWN: permanent('topology-unknown', 2),
  TEMPORAL_UNREACHABLE: permanent('temporal-unreachable'),
  TEMPORAL_REFUSED: permanent('temporal-refused'),
  TEMPORAL_CLI_MISSING: permanent('temporal-cli-missing'),
  WORKER_NOT_STARTED: permanent('worker-not-started'),
  STATE_LOCK_LOST: passing('state-lock-lost'),
  LOCAL_FILE_REFUSED: permanent('local-file-refused'),
  RUN_IN_PROGRESS: permanent('run-in-progress'),
  NO_RUN_IN_PROGRESS: permanent('no-run-in-progress'),
  APPROVAL_REFUSED: permanent('approval-refused'),
  APPROVAL_REJECTED: permanent('approval-rejected'),
  SSH_UNREACHABLE: passing('ssh-unreachable'),
  SSH_AUTH_FAILED: permanent('ssh-auth-failed'),
  SSH_KEY_UNREADABLE: permanent('ssh-key-unreadable', 2),
  SSH_HOST_KEY_CHANGED: permanent('ssh-host-key-changed'),
  SSH_HOST_KEY_UNKNOWN: permanent('ssh-host-key-unknown'),
  SSH_CONNECTION_LOST: passing('ssh-unreachable'),
  SSH_FORWARDING_FORBIDDEN: permanent('ssh-forwarding-forbidden'),
  SUDO_DENIED: permanent('sudo-denied'),
  PLAN_CHANGED: permanent('plan-changed'),
  PREFLIGHT_FAILED: permanent('preflight-failed'),
  HOST_FOREIGN: permanent('host-foreign'),
  HOST_LOCKED: permanent('host-locked'),
  HOST_BUSY: passing('host-busy'),
  HOST_UNWRITABLE: permanent('host-unwritable'),
  INSTALLATION_DIFFERS: permanent('installation-differs'),
  MACHINE_DIFFERS: permanent('machine-differs'),
  CLUSTER_DIFFERS: permanent('cluster-differs'),
  CLAIM_MISSING: permanent('claim-missing'),
  CLAIM_UNREADABLE: permanent('claim-unreadable'),
  BUNDLE_INVALID: permanent('bundle-invalid', 2),
  ARTIFACT_CORRUPT: permanent('artifact-corrupt'),
  DOWNLOAD_FAILED: passing('download-failed'),
  DOWNLOAD_REFUSED: permanent('download-refused'),
  NATS_IMAGE_UNFIT: permanent('nats-image-unfit'),
  COMMAND_FAILED: passing('command-failed'),
  K3S_NOT_READY: passing('k3s-not-ready'),
  K3S_CRASHES: permanent('k3s-crashes'),
  K3S_VERSION_DIFFERS: permanent('k3s-version-differs'),
  OBJECT_FOREIGN: permanent('object-foreign'),
  STREAM_CONFLICT: permanent('stream-conflict'),
  STREAMS_HOLD_MESSAGES: permanent('streams-hold-messages'),
  VOLUME_TOO_SMALL: permanent('volume-too-small'),
  GATEWAY_API_UNFIT: permanent('gateway-api-unfit'),
  LINKERD_VERSION_DIFFERS: permanent('linkerd-version-differs'),
  KUBE_OBJECT_REFUSED: permanent('kube-object-refused'),
  KUBE_API_REFUSED: permanent('kube-api-refused'),
  KUBE_API_FAILED: passing('kube-api-failed'),
  NOT_READY: passing('workload-not-ready'),
  IMAGE_IMPORT_FAILED: permanent('image-import-failed'),
  IMAGE_PULL_FAILED: permanent('image-pull-failed'),
  POD_UNSCHEDULABLE: permanent('pod-unschedulable'),
  POD_CRASHES: permanent('pod-crashes'),
  PKI_INVALID: permanent('pki-invalid'),
  SECRET_MISSING: permanent('secret-missing'),
  HISTORY_KEY_MISSING: permanent('history-key-missing'),
  REMAINS_FOUND: passing('remains-found'),
  LAB_NOT_LINUX: permanent('lab-not-linux'),
  LAB_NOT_ROOT: permanent('lab-not-root'),
  LAB_TOOL_MISSING: permanent('lab-tool-missing'),
  LAB_COMMAND_FAILED: permanent('lab-command-failed'),
  LAB_BAD_NAME: permanent('lab-bad-name', 2),
  LAB_TOO_MANY_HOSTS: permanent('lab-too-many-hosts', 2),
  LAB_SUBNET_IN_USE: permanent('lab-subnet-in-use'),
  LAB_HOST_TIMEOUT: permanent('lab-host-timeout'),
  LAB_HOST_DOWN: permanent('lab-host-down'),
  LAB_UNKNOWN_HOST: permanent('lab-unknown-host', 2),
  LAB_NOT_UP: permanent('lab-not-up'),
  LAB_ROOT_GONE: permanent('lab-root-gone'),
  LAB_NO_NETEM: permanent('lab-no-netem'),
  LAB_NOT_CLEAN: permanent('lab-not-clean'),
} as const satisfies Record<string, CodeFacts>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** Where a failure happened. */
export interface Where {
  cluster?: string;
  host?: string;
}

export class ProvisionError extends Error {
  override readonly name = 'ProvisionError';

  /**
   * @param message what happened, expected and actual, with real values; lower case, no period
   * @param hint what the user must do, one line
   * @param output last lines of a command's output, already redacted
   */
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly hint?: string,
    readonly where: Where = {},
    readonly output?: string,
  ) {
    super(message);
  }
}

export const isProvisionError = (error: unknown): error is ProvisionError =>
  error instanceof Error && error.name === 'ProvisionError' && 'code' in error;

/** What an `ApplicationFailure` of ours carries in `details[0]`. */
export interface FailureDetails extends Where {
  /** Heading in docs/troubleshooting.md. */
  docs: string;
  /** What the user must do. */
  hint?: string;
  output?: string;
}
