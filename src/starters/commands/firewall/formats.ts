/** A table for people and cloud consoles, commands for a host's shell, or data. */
export const FORMATS = ['table', 'ufw', 'firewalld', 'nft', 'iptables', 'json'] as const;
export type Format = (typeof FORMATS)[number];

export interface FirewallOptions {
  format: Format;
  host?: string;
}
