import tseslint from 'typescript-eslint';

const nodeOnly = 'workflow code runs in the Temporal sandbox: no Node built-ins';
const nodeGlobals = [
  ...['Buffer', 'process', 'global', 'require', 'module', '__dirname', '__filename', 'crypto', 'performance', 'fetch'],
  ...['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate'],
];

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', 'node_modules/', '.leafspan/', 'test/fixtures/layers/'] },
  {
    files: ['src/**/*.ts', 'test/**/*.ts', 'scripts/**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      'no-console': 'error',
      'max-lines': ['error', { max: 250 }],
      'max-lines-per-function': ['error', { max: 50, skipComments: true, skipBlankLines: true }],
      'no-restricted-syntax': [
        'error',
        {
          selector: "MemberExpression[object.name='process'][property.name='env']",
          message: 'read the environment in workers/ or starters/ and pass it in',
        },
        { selector: 'TSEnumDeclaration', message: 'use a union of string literals' },
      ],
    },
  },
  {
    files: ['src/workers/**/*.ts', 'src/starters/**/*.ts', 'test/**/*.ts', 'scripts/**/*.ts', 'src/lab/**/*.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['src/contract/**/*.ts', 'src/domain/**/*.ts', 'src/workflows/**/*.ts'],
    rules: {
      'no-restricted-imports': ['error', { patterns: [{ group: ['node:*'], message: nodeOnly }] }],
      // A rule about imports does not see these.
      'no-restricted-globals': ['error', ...nodeGlobals.map((name) => ({ name, message: nodeOnly }))],
    },
  },
  {
    // client-node's object types are classes, and manifests are plain objects of their shape.
    files: [
      '{src,test}/domain/{kubernetes,nats,linkerd,multicluster,edge}/**/*.ts',
      'test/support/fakes/kubernetes.ts',
    ],
    rules: {
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-misused-spread': 'off',
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: { 'max-lines-per-function': 'off' },
  },
);
