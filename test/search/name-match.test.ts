import { describe, expect, test } from 'vitest';
import { nearest, nearness } from '#src/search/name-match.js';

describe('nearness of words', () => {
  test('equal words, abbreviations and words of one family are near, in this order', () => {
    expect(nearness('route', 'route')).toBe(1);
    expect(nearness('config', 'configuration')).toBe(0.8);
    expect(nearness('serializer', 'serialization')).toBe(0.7);
    expect(nearness('formidable', 'formula')).toBe(0);
    expect(nearness('authentication', 'authors')).toBe(0);
  });

  test('a long common beginning is something, a short word is near to nothing but itself', () => {
    expect(nearness('authorize', 'authentication')).toBe(0);
    expect(nearness('compressor', 'compromise')).toBe(0.5);
    expect(nearness('de', 'deserialize')).toBe(0);
  });

  test('is the same both ways, and the nearest of several words counts', () => {
    expect(nearness('configuration', 'config')).toBe(nearness('config', 'configuration'));
    expect(nearest('config', ['user', 'configuration', 'context'])).toBe(0.8);
    expect(nearest('config', [])).toBe(0);
  });
});
