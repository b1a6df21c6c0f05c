import { expect, test } from "vitest";
import { format, parse, to } from "./url.ts";

test.each([
  to("overview"),
  to("stock", { item: "A/1?#", selection: { text: "green tea", statuses: ["out", "low"], stores: ["São Paulo", "A&B"], counts: ["<5", ">=-2.5"], sort: { column: "count", descending: true } } }),
  to("store", { store: "Oslo / Grünerløkka?", tab: "uploads" }),
  to("uploads", { item: "x" }),
])("a route is in its address, whole: %j", (route) => {
  expect(parse(format(route))).toEqual(route);
});

test("an address that somebody broke still leads somewhere", () => {
  expect(parse("")).toEqual(to("overview"));
  expect(parse("#/nowhere?sort=color&status=gone&count=many")).toEqual(to("overview"));
  expect(parse("#/store/%E0%A4%A").store).toBe("%E0%A4%A");
});
