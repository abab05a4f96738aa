import type { Host, Link, NatsSettings } from '../contract/topology.js';

export interface NatsInput {
  topology: string;
  server: Host;
  nats: NatsSettings;
  mode: Link['mode'];
}
