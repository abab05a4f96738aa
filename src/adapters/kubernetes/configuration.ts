import type { Configuration } from '@kubernetes/client-node';
import type { Connected } from './connections.js';
import { mustBePlain, PLAIN } from './plain-response.js';
import { API_ORIGIN } from './stream-dispatcher.js';

const CALL_TIMEOUT_MS = 15_000;

export const callSignal = (signal: AbortSignal): AbortSignal =>
  AbortSignal.any([signal, AbortSignal.timeout(CALL_TIMEOUT_MS)]);

/** Authentication is the client certificate of the agent's connections, so the one hook only hands the agent over. */
export function configurationOf({ library, dispatcher }: Connected, signal: AbortSignal): Configuration {
  return library.createConfiguration({
    baseServer: new library.ServerConfiguration(API_ORIGIN, {}),
    authMethods: {
      default: {
        getName: () => 'client certificate',
        applySecurityAuthentication: (call) => call.setDispatcher(dispatcher),
      },
    },
    promiseMiddleware: [
      {
        pre: (call) => {
          call.setSignal(callSignal(signal));
          for (const [name, value] of Object.entries(PLAIN)) call.setHeaderParam(name, value);
          return Promise.resolve(call);
        },
        post: (response) => {
          mustBePlain(response.headers['content-encoding']);
          return Promise.resolve(response);
        },
      },
    ],
  });
}
