import { parseTopology, type TopologyProblem } from '../../src/domain/topology/parse.js';

/** A topology file with nothing but what it must have. */
export const valid = `apiVersion: leafspan/v1
name: plant-7
broker:
  name: cluster-a
  hosts:
    - ssh: { address: 203.0.113.10, user: ubuntu, privateKeyFile: ~/.ssh/id_ed25519 }
      internalAddress: 10.0.0.37
leaves:
  - name: cluster-b
    hosts: [{ ssh: { address: 203.0.113.20, user: ubuntu } }]
link: { mode: direct }
`;

export const parse = (source: string) => parseTopology(source, (path) => path.replace('~', '/home/me'));

export const problemsOf = (source: string): TopologyProblem[] => {
  const parsed = parse(source);
  return parsed.ok ? [] : parsed.problems;
};
