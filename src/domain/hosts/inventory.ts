import { INVENTORY_FILE } from './paths.js';
import { quote } from './quote.js';

/**
 * Prints the files of the inventory that are on the host, whole or as what a transfer has left of them, one path per line.
 * Changes nothing.
 */
export const inventoryFactsScript = `
[ -f ${INVENTORY_FILE} ] || exit 0
while read -r file; do
  if [ -e "$file" ] || [ -L "$file" ] || compgen -G "\${file%/*}/.\${file##*/}.leafspan-*" >/dev/null; then echo "$file"; fi
done < ${INVENTORY_FILE}
`;

export const parseInventory = (output: string): string[] => [
  ...new Set(output.split('\n').filter((line) => line !== '')),
];

/** Removes those of the files that are in the inventory; prints what is left of them. */
export const removeFilesScript = (paths: readonly string[]): string => `
for file in ${paths.map(quote).join(' ')}; do
  grep -qsxF -- "$file" ${INVENTORY_FILE} || continue
  rm -f -- "$file" "\${file%/*}/.\${file##*/}.leafspan-"*
  [ ! -e "$file" ] || echo "$file"
done
`;
