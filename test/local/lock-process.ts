/** Takes a lock, says so, and holds it until its standard input ends. */
import { once } from 'node:events';
import { withLock } from '../../src/local/lock.js';

const [lock = ''] = process.argv.slice(2);
const say = (text: string): void => void process.stdout.write(`${text}\n`);

await withLock(lock, { onWait: (holder) => say(`waiting for ${holder}`) }, async () => {
  say('holds it');
  await once(process.stdin.resume(), 'end');
  say('lets go');
});
