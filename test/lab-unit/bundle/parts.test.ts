import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { planBundle, type BundlePlan, type PartName } from '../../../src/lab/bundle/parts.js';
import { RECIPE_DIRECTORY, VERSIONS } from '../../../src/lab/bundle/recipe.js';

let recipe: string;
beforeEach(() => {
  recipe = mkdtempSync(join(tmpdir(), 'leafspan-recipe-'));
  cpSync(RECIPE_DIRECTORY, recipe, { recursive: true });
});
afterEach(() => {
  rmSync(recipe, { recursive: true });
});

const changedParts = (before: BundlePlan, after: BundlePlan): PartName[] =>
  Object.values(before.parts)
    .filter(({ name, key }) => after.parts[name].key !== key)
    .map(({ name }) => name);

describe('the bundle’s key', () => {
  test('is the same for the same recipe, wherever it lies', () => {
    expect(planBundle(recipe).key).toBe(planBundle().key);
  });

  test.each<[file: string, rebuilt: PartName[]]>([
    ['install.sh', []],
    ['nats/go.mod', ['nats', 'images']],
    ['addons/coredns/main.go', ['addons', 'images']],
    ['cmd/k3s/coredns.yaml', ['kubernetes', 'images']],
    ['cmd/k3s/config_test.go', []],
    ['doubles/step', []],
  ])('changes with %s', (file, rebuilt) => {
    const before = planBundle(recipe);
    appendFileSync(join(recipe, file), '\n');
    const after = planBundle(recipe);
    expect(after.key).not.toBe(before.key);
    expect(changedParts(before, after)).toEqual(rebuilt);
  });
});

test.each([
  ['go.mod', `k8s.io/kubernetes ${VERSIONS.kubernetes}`],
  ['addons/go.mod', `github.com/coredns/coredns ${VERSIONS.coredns}`],
  ['addons/go.mod', `helm.sh/helm/v4 ${VERSIONS.helm}`],
  ['nats/go.mod', `github.com/nats-io/nats-server/v2 ${VERSIONS.natsServer}`],
  ['nats/go.mod', `github.com/nats-io/natscli ${VERSIONS.natsCli}`],
])('%s pins %s, as the manifest says', (file, pin) => {
  expect(readFileSync(join(RECIPE_DIRECTORY, file), 'utf8')).toContain(pin);
});
