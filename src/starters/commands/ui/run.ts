import { spawn } from 'node:child_process';
import type { Context } from '../../context.js';
import { usage } from '../../failure.js';
import { printData, say } from '../../io.js';
import { locateTemporal } from '../../temporal/connect.js';

/** The address goes to stdout either way. */
export async function ui(context: Context): Promise<number> {
  const { io } = context;
  const { webUi, namespace, address } = await locateTemporal(context, (text) => say(io, text));
  if (webUi === undefined)
    throw usage(
      `the Web UI of the Temporal server at ${address} is not known here`,
      'open it where that server has it; the one of docker-compose.yml is http://127.0.0.1:8080',
    );
  const page = `${webUi}/namespaces/${namespace}/workflows`;
  printData(io, page);
  const browser = browserOf(io.env);
  if (browser !== undefined && !(await open(browser, page)))
    say(io, `${browser} could not be started; open the address yourself`);
  return 0;
}

/** $BROWSER, else what the desktop has; undefined: there is no desktop, as over SSH. */
function browserOf({ BROWSER, DISPLAY, WAYLAND_DISPLAY }: NodeJS.ProcessEnv): string | undefined {
  if (BROWSER !== undefined && BROWSER !== '') return BROWSER;
  if (process.platform === 'darwin') return 'open';
  return DISPLAY === undefined && WAYLAND_DISPLAY === undefined ? undefined : 'xdg-open';
}

const open = (browser: string, page: string): Promise<boolean> =>
  new Promise((resolve) => {
    const child = spawn(browser, [page], { detached: true, stdio: 'ignore' });
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
