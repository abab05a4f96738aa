/** Puts the program at the target path, whose directory is its own, or returns why it could not. */
export type Fetch = (version: string, target: string, env: NodeJS.ProcessEnv) => Promise<string | undefined>;
