import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  CHANCE_SCALE,
  DELAY_SCALE,
  PERCENT_SCALE,
  positionOf,
  RATE_SCALE,
  type Scale,
  SLIDER_STEPS,
  textAt,
} from './slider.ts';

const SCALES: readonly (readonly [name: string, scale: Scale, least: string, most: string])[] = [
  ['delay', DELAY_SCALE, '100us', '10s'],
  ['rate', RATE_SCALE, '8kbit', '10gbit'],
  ['chance', CHANCE_SCALE, '0.01%', '100%'],
  ['percent', PERCENT_SCALE, '1%', '100%'],
];

for (const [name, scale, least, most] of SCALES) {
  describe(`the ${name} slider`, () => {
    test('runs from nothing over the least to the most', () => {
      assert.equal(textAt(0, scale), '');
      assert.equal(textAt(1, scale), least);
      assert.equal(textAt(SLIDER_STEPS, scale), most);
    });

    test('stands where its own text puts it, within a step', () => {
      for (let position = 0; position <= SLIDER_STEPS; position++) {
        const back = positionOf(textAt(position, scale), scale);
        assert.ok(
          Math.abs(back - position) <= 1,
          `${textAt(position, scale)}: ${position}, ${back}`,
        );
      }
    });

    test('gives only texts that can be read, ever larger', () => {
      let before = 0;
      for (let position = 1; position <= SLIDER_STEPS; position++) {
        const value = scale.parse(textAt(position, scale));
        assert.ok(value >= before, `${textAt(position, scale)} is below the one before`);
        before = value;
      }
    });
  });
}

test('a value beyond the scale puts the slider at its end', () => {
  assert.equal(positionOf('1h', DELAY_SCALE), SLIDER_STEPS);
  assert.equal(positionOf('1ns', DELAY_SCALE), 1);
});

test('what cannot be read, and zero, leave the slider at "not set"', () => {
  for (const text of ['', 'x', '10', '0ms', '-1ms']) assert.equal(positionOf(text, DELAY_SCALE), 0);
  assert.equal(positionOf('x%', CHANCE_SCALE), 0);
});
