import { HOST_DIRECTORY } from '../../paths.js';
import { quote } from '../../quote.js';
import { NFT_FUNCTIONS, placeAndComment } from './nft.js';
import { firewallOf, restOf, words, type ManagedRule } from './rule.js';

/**
 * nftables and iptables forget what is not in the owner's own files, which are not ours to write. So a unit of ours brings the
 * rules back after the owner's have been loaded, and after each reload of them.
 */
export const RESTORE_UNIT = '/etc/systemd/system/leafspan-firewall.service';
const RESTORE_SCRIPT = `${HOST_DIRECTORY}/firewall-restore`;
const NAME = 'leafspan-firewall.service';
const LOADERS = 'nftables.service iptables.service netfilter-persistent.service';

const unit = `[Unit]
Description=Rules of leafspan in the packet filter
After=${LOADERS}
PartOf=${LOADERS}
ReloadPropagatedFrom=${LOADERS}

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/bash ${RESTORE_SCRIPT}
ExecReload=/bin/bash ${RESTORE_SCRIPT}

[Install]
WantedBy=multi-user.target ${LOADERS}
`;

/** A chain that is not there needs no rule, and one that got shorter takes it at its start. */
const restoreScript = (rules: readonly ManagedRule[]): string =>
  [
    '# written by leafspan',
    NFT_FUNCTIONS,
    ...rules.map(({ id, text }) => {
      if (firewallOf(id) === 'iptables') {
        const check = words('iptables', '-w', '-C', ...restOf(id).split(' '));
        return `${check} 2>/dev/null || ${text} || failed=1`;
      }
      const place = placeAndComment(id);
      const chain = words(...place.slice(0, 3));
      const atStart = text.replace(/ index \d+/, '');
      const ways = atStart === text ? text : `${text} 2>/dev/null || ${atStart}`;
      return `! nft list chain ${chain} >/dev/null 2>&1 || [ -n "$(nft_handles ${words(...place)})" ] || ${ways} || failed=1`;
    }),
    'exit ${failed:-0}',
    '',
  ].join('\n');

const isForgotten = ({ id }: ManagedRule): boolean => ['nft', 'iptables'].includes(firewallOf(id));

/** The files by their contents; undefined: the host's firewall remembers by itself. */
export function restoreFiles(rules: readonly ManagedRule[]): { unit: string; script: string } | undefined {
  const forgotten = rules.filter(isForgotten);
  return forgotten.length === 0 ? undefined : { unit, script: restoreScript(forgotten) };
}

/** Prints both files one after the other. */
export const restoreFactsScript = `cat ${RESTORE_UNIT} ${RESTORE_SCRIPT} 2>/dev/null`;

/** The rules themselves, now. */
const RESTORE_NOW = `systemctl restart ${NAME}`;

/** What puts back rules that are gone, where the files are as they should be. */
export const restoreNowScript = (rules: readonly ManagedRule[]): string[] =>
  rules.some(isForgotten) ? [RESTORE_NOW] : [];

export const installRestoreScript = ({ unit: text, script }: { unit: string; script: string }): string => `
printf %s ${quote(script)} > ${RESTORE_SCRIPT}
printf %s ${quote(text)} > ${RESTORE_UNIT}
systemctl daemon-reload
systemctl enable -q ${NAME}
${RESTORE_NOW}
`;

export const removeRestoreScript = `
systemctl disable -q --now ${NAME}
rm -f ${RESTORE_UNIT} ${RESTORE_SCRIPT}
systemctl daemon-reload
systemctl reset-failed -q ${NAME} 2>/dev/null || true
`;
