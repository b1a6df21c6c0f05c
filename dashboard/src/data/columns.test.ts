import { expect, test } from "vitest";
import { type Attributes, Columns, Dictionary, fold, statusOf, timeOf } from "./columns.ts";

const row = (store: string, item: string, count: string, more: Attributes = {}): Attributes =>
  ({ Store: { S: store }, Item: { S: item }, Count: { N: count }, ...more });

test("the status is computed, whatever the row says", () => {
  expect(statusOf("0", undefined)).toBe("out");
  expect(statusOf("-0.00001", "5")).toBe("out");
  expect(statusOf("0.00001", undefined)).toBe("ok");
  expect(statusOf("3", "3")).toBe("low");
  expect(statusOf("3.00001", "3")).toBe("ok");
  expect(statusOf("92233720368547.75807", "92233720368547.75806")).toBe("ok");
  expect(statusOf(undefined, "3")).toBe("unreadable");
  const rows = Columns.of(new Dictionary(), [row("Oslo", "tea", "0", { Status: { S: "low" } })]);
  expect(rows.level(0).status).toBe("out");
});

test("a row is shown as it was read", () => {
  const rows = Columns.of(new Dictionary(), [
    row("Oslo", "tea", "12.375", { ReorderPoint: { N: "3" }, Name: { S: "Green\ntea" }, Version: { S: "2026-11-02T06:00:00.000Z/0A" } }),
    row("Oslo", "gold", "12345678901234567.54321"),
    { Store: { S: "Oslo" }, Item: { S: "broken" }, Count: { S: "many" } as Attributes[string] },
    { Store: { S: "Oslo" } },
  ]);
  expect(rows.length).toBe(3);
  expect(rows.level(0)).toEqual({
    store: "Oslo", item: "tea", name: "Green tea", count: "12.375", reorderPoint: "3", status: "ok", changed: Date.UTC(2026, 10, 2, 6),
  });
  expect(rows.level(1)).toMatchObject({ name: undefined, count: "12345678901234567.54321", reorderPoint: undefined, changed: undefined });
  expect(rows.level(2)).toMatchObject({ count: undefined, status: "unreadable" });
  expect(rows.tally()).toEqual({ out: 0, low: 0, ok: 2, unreadable: 1 });
});

test("parts that are joined are held once, and say the same", () => {
  const texts = new Dictionary();
  const big = "12345678901234567.5";
  const parts = [Columns.of(texts, [row("A", "x", "1")]), Columns.of(texts, []), Columns.of(texts, [row("B", "x", "0"), row("B", "y", big)])];
  const joined = Columns.join(texts, parts);
  expect(Array.from({ length: 3 }, (_, i) => joined.whole.level(i))).toEqual([parts[0]?.level(0), parts[2]?.level(0), parts[2]?.level(1)]);
  expect(joined.parts[2]?.level(1).count).toBe(big);
  expect(joined.parts[2]?.arrays.count.buffer).toBe(joined.whole.arrays.count.buffer);
  expect(texts.texts).toEqual(["", "A", "x", "B", "y"]);
});

test("a search knows no case and no accents", () => {
  expect(fold("Comté ÅRSTA")).toBe("comte arsta");
});

test("a version tells when stock was counted", () => {
  expect(timeOf("2026-11-02T06:00:00.000Z/0A")).toBe(Date.UTC(2026, 10, 2, 6));
  expect([timeOf("1"), timeOf(undefined), timeOf("soon/0")].map((time) => time === undefined || time < 1e12)).toEqual([true, true, true]);
});
