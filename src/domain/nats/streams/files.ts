import { quote } from '../../hosts/quote.js';

/** Looks on a host for streams in a directory that is a NATS server's volume, whether they hold messages or not. */
export const streamFilesScript = (directory: string): string => `
cd ${quote(directory)} || { echo unknown; exit 0; }
ls -d jetstream/*/streams/*/ 2>/dev/null | head -n 1
true
`;

/** A directory that is not there proves nothing. */
export const hasNoStreamFiles = (output: string): boolean => output.trim() === '';
