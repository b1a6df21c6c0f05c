import { expect, test } from "vitest";
import { type Attributes, Columns, Dictionary } from "./columns.ts";
import { type Column, COLUMNS, EVERYTHING, filtered, select, sorted, tokens } from "./select.ts";

const DATA: [string, string, string, string | undefined, string | undefined][] = [
  ["Oslo", "A10", "4", "5", "Tunnel tent"],
  ["Oslo", "A9", "0", "5", "Tent peg"],
  ["Lyon", "B1", "-3", undefined, "Comté"],
  ["Lyon", "B2", "12.375", "2", undefined],
];
const rows = Columns.of(new Dictionary(), DATA.map(([store, item, count, reorder, name], i): Attributes => ({
  Store: { S: store }, Item: { S: item }, Count: { N: count }, Version: { S: `2026-11-0${i + 1}T00:00:00Z/0` },
  ...(reorder ? { ReorderPoint: { N: reorder } } : {}), ...(name ? { Name: { S: name } } : {}),
})));
const items = (found: Uint32Array) => [...found].map((i) => rows.level(i).item);
const by = (column: Column, descending = false) => items(select(rows, { ...EVERYTHING, sort: { column, descending } }));

test("words find items, names and stores, all of them", () => {
  const find = (text: string) => items(filtered(rows, { ...EVERYTHING, text }));
  expect(find("TENT")).toEqual(["A10", "A9"]);
  expect(find("tent oslo peg")).toEqual(["A9"]);
  expect(find("comte")).toEqual(["B1"]);
  expect(find("nothing")).toEqual([]);
});

test("filters narrow down together", () => {
  const find = (more: object) => items(filtered(rows, { ...EVERYTHING, ...more }));
  expect(find({ statuses: ["out"] })).toEqual(["A9", "B1"]);
  expect(find({ statuses: ["out", "low"], stores: ["Oslo"] })).toEqual(["A10", "A9"]);
  expect(find({ counts: [">=4", "<12.375"] })).toEqual(["A10"]);
  expect(find({ stores: ["Nowhere"] })).toEqual([]);
});

test("the worst comes first, and each column sorts both ways with what is missing last", () => {
  expect(by("status")).toEqual(["B1", "A9", "A10", "B2"]);
  expect(by("item")).toEqual(["A9", "A10", "B1", "B2"]);
  expect(by("count")).toEqual(["B1", "A9", "A10", "B2"]);
  expect(by("count", true)).toEqual(["B2", "A10", "A9", "B1"]);
  expect(by("reorderPoint").at(-1)).toBe("B1");
  expect(by("reorderPoint", true).at(-1)).toBe("B1");
  expect(by("name", true)).toEqual(["A10", "A9", "B1", "B2"]);
  expect(by("changed", true)).toEqual(["B2", "B1", "A9", "A10"]);
});

test("the sort agrees with a plain one, and keeps the order of equals", () => {
  let state = 1;
  const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const keys = Float64Array.from({ length: 5_000 }, () => [random() * 1e9 - 5e8, Math.round(random() * 10) - 5, Infinity, -0][Math.floor(random() * 4)] as number);
  const all = Uint32Array.from(keys.keys());
  const plain = [...all].sort((a, b) => ((keys[a] as number) < (keys[b] as number) ? -1 : (keys[a] as number) > (keys[b] as number) ? 1 : a - b));
  expect([...sorted(all, (row) => keys[row] as number)]).toEqual(plain);
  expect(sorted(new Uint32Array(0), () => 0)).toHaveLength(0);
});

test("what is typed becomes tokens, and the rest is looked for", () => {
  expect(tokens("green status:out count<5 store:lyo tea", ["Oslo", "Lyon Bellecour"])).toEqual({
    text: "green tea", statuses: ["out"], counts: ["<5"], stores: ["Lyon Bellecour"],
  });
  expect(tokens('store:"lyon b" status:gone count:x', ["Lyon Bellecour"])).toEqual({
    text: "status:gone count:x", statuses: [], counts: [], stores: ["Lyon Bellecour"],
  });
  expect(COLUMNS).toHaveLength(7);
});
