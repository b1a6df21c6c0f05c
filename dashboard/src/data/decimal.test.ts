import { expect, test } from "vitest";
import { compare, isExact, scaled, textOf } from "./decimal.ts";

test("a count is scaled without rounding", () => {
  expect([scaled("0"), scaled("-0"), scaled("3"), scaled("-2.5"), scaled("0.00001"), scaled("9.735")]).toEqual([0, 0, 300_000, -250_000, 1, 973_500]);
  expect(scaled("9999999999.99999")).toBe(999_999_999_999_999);
  expect([scaled("12a"), scaled(""), scaled("--1")]).toEqual([NaN, NaN, NaN]);
});

test.each(["0", "1", "-1", "0.1", "0.00001", "-0.5", "12.375", "9999999999.99999"])("%s is written as it was read", (text) => {
  expect(isExact(text)).toBe(true);
  expect(textOf(scaled(text))).toBe(text);
});

test("what a number cannot hold is compared by its digits", () => {
  expect(isExact("12345678901234567.54321")).toBe(false);
  expect(compare("92233720368547.75807", "92233720368547.75806")).toBe(1);
  expect(compare("-92233720368547.75807", "0")).toBe(-1);
  expect(compare("1E+20", "100000000000000000000")).toBe(0);
  expect(compare("0.000001", "0")).toBe(1);
  expect(compare("2.50", "2.5")).toBe(0);
});
