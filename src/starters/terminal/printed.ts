import { printable } from '../../contract/printable.js';

/** As `createStyle` makes them. */
const STYLES = /(\u001b\[[0-9;]*m)/;

/** Text that may hold what others wrote. Styles stay; what else a terminal would obey is shown. */
export const printed = (text: string): string =>
  text
    .split(STYLES)
    .map((part, index) => (index % 2 === 0 ? printable(part) : part))
    .join('');
