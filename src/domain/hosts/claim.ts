import { HOST_FOLDER, OWNER_FILE } from './paths.js';

/** Writes the owner file if there is none, atomically, and prints `claimed` or the owner that was there before. */
export const claimScript = (topology: string): string => `
mkdir -p -m 0755 ${HOST_FOLDER}
if (set -o noclobber; echo '${topology}' > ${OWNER_FILE}) 2>/dev/null; then echo claimed; else cat ${OWNER_FILE}; fi
`;
