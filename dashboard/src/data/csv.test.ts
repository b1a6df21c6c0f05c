import { expect, test } from "vitest";
import { cell, csv } from "./csv.ts";

test.each([
  ["=1+1", "'=1+1"], ["+49 30", "'+49 30"], ["@SUM(A1)", "'@SUM(A1)"], ["-cmd", "'-cmd"], ["\t=1", "'\t=1"], ["\r=1", '"\'\r=1"'],
  ["-3", "-3"], ["-2.5", "-2.5"], ["plain", "plain"], ['a "b", c', '"a ""b"", c"'], ["two\nlines", '"two\nlines"'], [undefined, ""],
])("%j is written as %j", (value, written) => {
  expect(cell(value)).toBe(written);
});

test("a file starts with the mark by which spreadsheets know UTF-8", async () => {
  const bytes = new Uint8Array(await csv(["Käse"], [["1"], ["2"]]).arrayBuffer());
  expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
  expect(new TextDecoder().decode(bytes)).toBe("Käse\r\n1\r\n2\r\n");
});
