import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { inventoryFactsScript, parseInventory, removeFilesScript } from '../../../src/domain/hosts/inventory.js';

let root: string;
const at = (name: string): string => join(root, name);
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'leafspan-inventory-'));
  mkdirSync(at('leafspan'));
});
afterEach(() => rmSync(root, { recursive: true }));

const onHost = (script: string): string =>
  execFileSync('bash', ['-s'], { input: script.replaceAll('/var/lib', root), encoding: 'utf8' });
const listed = (...files: string[]): void =>
  writeFileSync(at('leafspan/files'), files.map((file) => `${at(file)}\n`).join(''));

test('a host without an inventory has no files of ours', () => {
  expect(parseInventory(onHost(inventoryFactsScript))).toEqual([]);
});

test('the inventory names the files that are still there, each once', () => {
  listed('helm', 'gone', "it's $HOME here", 'helm');
  writeFileSync(at('helm'), '');
  writeFileSync(at("it's $HOME here"), '');
  expect(parseInventory(onHost(inventoryFactsScript))).toEqual([at('helm'), at("it's $HOME here")]);
});

test('what is in the inventory is removed, whatever its name; what is not in it stays', () => {
  listed("it's $HOME here", '-n');
  for (const file of ["it's $HOME here", 'theirs']) writeFileSync(at(file), '');
  expect(onHost(removeFilesScript([at("it's $HOME here"), at('theirs'), at('-n')]))).toBe('');
  expect([existsSync(at("it's $HOME here")), existsSync(at('theirs'))]).toEqual([false, true]);
});

test('what does not go is named', () => {
  listed('helm');
  mkdirSync(at('helm'));
  expect(parseInventory(onHost(`exec 2>/dev/null\n${removeFilesScript([at('helm')])}`))).toEqual([at('helm')]);
});

test('what a transfer that was cut off has left is found, and removed with its file', () => {
  listed('helm', 'k3s');
  for (const file of ['.helm.leafspan-0a1b', '.helmet']) writeFileSync(at(file), '');
  expect(parseInventory(onHost(inventoryFactsScript))).toEqual([at('helm')]);
  expect(onHost(removeFilesScript([at('helm')]))).toBe('');
  expect([existsSync(at('.helm.leafspan-0a1b')), existsSync(at('.helmet'))]).toEqual([false, true]);
});
