/** What leafspan itself keeps on a host. The folder goes with the teardown. */
export const HOST_FOLDER = '/var/lib/leafspan';
export const OWNER_FILE = `${HOST_FOLDER}/owner`;

/** Writes the owner file if there is none, atomically, and prints `claimed` or the owner that was there before. */
export const claimScript = (topology: string): string => `
mkdir -p -m 0755 ${HOST_FOLDER}
if (set -o noclobber; echo '${topology}' > ${OWNER_FILE}) 2>/dev/null; then echo claimed; else cat ${OWNER_FILE}; fi
`;
