export type LabErrorCode =
  | 'LAB_NOT_ROOT'
  | 'LAB_NOT_LINUX'
  | 'LAB_BAD_NAME'
  | 'LAB_TOOL_MISSING'
  | 'LAB_COMMAND_FAILED'
  | 'LAB_HOST_TIMEOUT'
  | 'LAB_HOST_DOWN'
  | 'LAB_UNKNOWN_HOST'
  | 'LAB_NOT_UP'
  | 'LAB_TOO_MANY_HOSTS'
  | 'LAB_SUBNET_IN_USE'
  | 'LAB_ROOT_GONE'
  | 'LAB_NO_NETEM'
  | 'LAB_NOT_CLEAN';

/** Says what is wrong (message, lower case, real values) and what to type (remedy). */
export class LabError extends Error {
  override readonly name = 'LabError';

  constructor(
    readonly code: LabErrorCode,
    message: string,
    readonly remedy: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
