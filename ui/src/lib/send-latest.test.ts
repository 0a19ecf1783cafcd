import { expect, test } from 'vitest';
import { sendLatest } from './send-latest';

test('of the values that arrive while one is sent, only the last is sent', async () => {
  const sent: number[] = [];
  const waiting: (() => void)[] = [];
  const push = sendLatest<number>((value) => {
    sent.push(value);
    return new Promise<void>((resolve) => waiting.push(resolve));
  });

  const done = push(1);
  void push(2);
  void push(3);
  expect(sent).toEqual([1]);
  waiting.shift()?.();
  await Promise.resolve();
  await Promise.resolve();
  expect(sent).toEqual([1, 3]);
  waiting.shift()?.();
  await done;
  void push(4);
  expect(sent).toEqual([1, 3, 4]);
});
