import { expect, test } from '@jest/globals';
import { lastLines, redact } from '../../../src/domain/secrets/redact.js';

test.each([
  ['a key in PEM', 'a\n-----BEGIN EC PRIVATE KEY-----\nMHcC\n-----END EC PRIVATE KEY-----\nb', 'a\n[redacted]\nb'],
  [
    'a key whose begin was cut off',
    `${'Ab1/'.repeat(16)}\nMHcC==\n-----END PRIVATE KEY-----\nb`,
    '[redacted]\nMHcC==\n[redacted]\nb',
  ],
  ['a key whose end is missing', 'a\n-----BEGIN PRIVATE KEY-----\nMHcC', 'a\n[redacted]'],
  ['a bearer token', 'Authorization: Bearer abcdef.ghijkl', 'Authorization: Bearer [redacted]'],
  ['K3s’s token in an environment', 'K3S_TOKEN=K10ab::server:cd next', 'K3S_TOKEN=[redacted] next'],
  ['a token among arguments', 'k3s agent --token=abc --server x', 'k3s agent --token=[redacted] --server x'],
  ['a quoted password', 'password: "two words" end', 'password: [redacted] end'],
  ['a key of a kubeconfig', '    client-key-data: LS0tLS1CRUdJTg==', '    client-key-data: [redacted]'],
  [
    'a key in PEM as a Secret holds it',
    '{"key.pem":"LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1JR0g+/8=","a":1}',
    '{"key.pem":"[redacted]","a":1}',
  ],
  ['a service account’s token', 'got eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrIn0.c2ln', 'got [redacted]'],
  ['K3s’s token as an argument', 'k3s agent --token K10ab::server:cd x', 'k3s agent --token [redacted] x'],
  ['K3s’s token alone', 'joined with K10abcdef::server:0123', 'joined with [redacted]'],
  ['a bootstrap token', 'token id abcdef.0123456789abcdef', 'token id [redacted]'],
  ['an age key', 'AGE-SECRET-KEY-1QQPZRY9X8', '[redacted]'],
  ['a password in a URL', 'curl: https://ada:s3cret@mirror.example/x', 'curl: https://[redacted]@mirror.example/x'],
  ['a basic login', 'Authorization: Basic YTpi', 'Authorization: Basic [redacted]'],
])('hides %s', (_what, text, expected) => {
  expect(redact(text)).toBe(expected);
});

test.each([
  'systemctl restart k3s.service',
  'serviceaccount/default created',
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  'the secret nats-tls was not found',
  'ubuntu ALL=(ALL) NOPASSWD: ALL',
  'https://mirror.example/k3s-io/k3s@v1',
  'edge-26.8.3 at 192.0.2.10',
])('leaves "%s" alone', (text) => {
  expect(redact(text)).toBe(text);
});

test('keeps the last lines', () => {
  expect(lastLines('a\nb\nc\n\n', 2)).toBe('b\nc');
});
