// Native ES modules (NODE_OPTIONS=--experimental-vm-modules): client-node, age-encryption and execa exist as ESM only.
const common = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { target: 'es2022', parser: { syntax: 'typescript', decorators: true } },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
};

const project = (name, folders, extra = {}) => ({
  ...common,
  displayName: name,
  testMatch: folders.map((folder) => `<rootDir>/test/${folder}/**/*.test.ts`),
  ...extra,
});

export default {
  testTimeout: 60_000,
  testSequencer: './scripts/slowest-first.js',
  projects: [
    project('domain', ['domain', 'report']),
    project('unit', [
      'contract',
      'parts',
      'activities',
      'adapters',
      'architecture',
      'lab-unit',
      'local',
      'workers',
      'codec',
    ]),
    project('workflow', ['workflows', 'starters', 'fleet', 'doctor', 'bench']),
    project('lab', ['lab']),
  ],
};
