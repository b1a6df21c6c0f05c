import { expect, test } from "vitest";
import { uploadOf } from "./uploads.ts";

test("a receipt is read with all that it tells", () => {
  const upload = uploadOf({
    Store: { S: "Oslo" }, Version: { S: "2026-11-02T06:00:00.000Z/0A" }, Uploaded: { S: "2026-11-02T06:00:01Z" }, Outcome: { S: "dry-run" },
    Receipt: { M: { read: { N: "3" }, rejected: { N: "1" } } },
    Rejects: { L: [{ M: { Line: { N: "7" }, Column: { N: "3" }, Value: { S: "x" }, Reason: { S: "count is not a number" } } }, { M: {} }] },
    SupersededBy: { S: "2026-11-03T06:00:00.000Z/0B" },
    Preview: { M: { changes: { N: "2" }, sold_out: { N: "1" } } },
  });
  expect(upload.receipt).toEqual({ read: 3, rejected: 1 });
  expect(upload.rejects).toEqual([
    { line: 7, column: 3, value: "x", reason: "count is not a number" },
    { line: undefined, column: undefined, value: "", reason: "" },
  ]);
  expect(upload.preview).toEqual({ changes: 2, soldOut: 1, runningLow: 0, backInStock: 0 });
  expect(upload.supersededBy).toBe(Date.UTC(2026, 10, 3, 6));
  expect(upload.uploaded).toBe(Date.UTC(2026, 10, 2, 6, 0, 1));
});

test("a row of an older or a newer writer is read as far as it goes", () => {
  expect(uploadOf({ Store: { S: "Oslo" } })).toMatchObject({ store: "Oslo", outcome: "", uploaded: undefined, receipt: undefined, rejects: [] });
  expect(uploadOf({ Store: { S: "Oslo" }, Version: { S: "2026-11-02T06:00:00.000Z/0A" }, Outcome: { S: "pondered" } })).toMatchObject({
    outcome: "pondered", uploaded: Date.UTC(2026, 10, 2, 6),
  });
});
