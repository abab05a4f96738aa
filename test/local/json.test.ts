import { describe, expect, test } from '@jest/globals';
import { fields, parseJson } from '../../src/local/json.js';

const person = fields({ name: 'string', age: 'number', here: 'boolean' });

describe('an object with given fields', () => {
  test('is read as it is', () => {
    expect(parseJson('{"name":"ada","age":36,"here":true,"more":[]}', person)).toMatchObject({ name: 'ada', age: 36 });
  });

  test.each([['null'], ['[]'], ['"ada"'], ['{"name":"ada","age":36}'], ['{"name":"ada","age":"36","here":true}']])(
    'is not %s',
    (text) => {
      expect(() => parseJson(text, person)).toThrow('not an object with name: string, age: number, here: boolean');
    },
  );
});
