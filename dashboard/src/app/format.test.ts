import { expect, test } from "vitest";
import { formatOf } from "./format.ts";

const NOW = Date.UTC(2026, 10, 24, 12);

test("numbers keep every digit", () => {
  expect(formatOf("en", "UTC", () => NOW).number("12345678901234567.54321")).toBe("12,345,678,901,234,567.54321");
  expect(formatOf("en", "UTC", () => NOW).number("-2")).toBe("\u22122");
  expect(formatOf("de", "UTC", () => NOW).number("1234.5")).toBe("1.234,5");
});

test("ages are in the largest unit, and times in the zone", () => {
  const { ago, span, when } = formatOf("en", "Asia/Tokyo", () => NOW);
  expect([ago(NOW - 5_000), ago(NOW - 3 * 60_000), ago(NOW - 26 * 3_600_000)]).toEqual(["this minute", "3 min. ago", "yesterday"]);
  expect([span(-3 * 3_600_000), span(-3 * 3_600_000 + 700), span(3_599_000)]).toEqual(["3 hours", "3 hours", "1 hour"]);
  expect(when(NOW)).toBe("Nov 24, 2026, 9:00 PM");
  expect(formatOf("en", "UTC", () => NOW, ["de", "en-GB"]).when(NOW)).toBe("24 Nov 2026, 12:00");
});
