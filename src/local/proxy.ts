/** Variables that Temporal's client reads for the server of a channel, the first one that is set. */
const VARIABLES = ['grpc_proxy', 'https_proxy', 'http_proxy'];

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[?::1\]?)$/i;

const hostOf = (address: string): string => address.replace(/:\d+$/, '');

/** Options for a channel to the server: to this machine none goes through a proxy. */
export const channelArgsFor = (address: string): Record<string, number> =>
  LOOPBACK.test(hostOf(address)) ? { 'grpc.enable_http_proxy': 0 } : {};

/** The variable whose proxy the client uses for the server, with the proxy's host; undefined: it uses none. */
export function proxyFor(address: string, env: NodeJS.ProcessEnv): { variable: string; host: string } | undefined {
  const host = hostOf(address);
  const variable = VARIABLES.find((name) => (env[name] ?? '') !== '');
  const exceptions = (env['no_grpc_proxy'] ?? env['no_proxy'] ?? '').split(',').map((name) => name.trim());
  const isExcepted = exceptions.some((name) => name !== '' && (name === host || host.endsWith(name)));
  if (variable === undefined || LOOPBACK.test(host) || isExcepted) return undefined;
  return { variable, host: hostIn(env[variable] ?? '') };
}

/** Without a password that the URL may hold. */
function hostIn(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return 'not a URL';
  }
}
