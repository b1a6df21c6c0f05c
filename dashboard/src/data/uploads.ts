import { type Attributes, timeOf, type Value } from "./columns.ts";

/** Under this name are the receipts of files and rows of which nobody can tell whose they are. */
export const NOBODY = "(unknown)";

export const OUTCOMES = ["applied", "unchanged", "superseded", "refused", "failed", "quarantined", "dry-run"] as const;
export type Outcome = (typeof OUTCOMES)[number];

export const COUNTS = ["read", "accepted", "rejected", "skipped", "duplicates", "levels", "written", "unchanged", "superseded", "held", "absent"] as const;
export type Counts = Partial<Record<(typeof COUNTS)[number], number>>;

export type Reject = { line: number | undefined; column: number | undefined; value: string; reason: string };
export type Preview = { changes: number; soldOut: number; runningLow: number; backInStock: number };

/** What became of one file, as far as its row tells. */
export type Upload = {
  store: string;
  version: string;
  objectVersion: string | undefined;
  key: string;
  /** When it arrived, and as of when it was counted; milliseconds. */
  uploaded: number | undefined;
  counted: number | undefined;
  /** A word that is not known here is shown as it is. */
  outcome: Outcome | string;
  reason: string | undefined;
  /** When the newest of the uploads was counted that said something else of some rows. */
  supersededBy: number | undefined;
  receipt: Counts | undefined;
  rejects: Reject[];
  preview: Preview | undefined;
};

/** A row of Uploads, or of Stores: there it is the store's newest one. */
export function uploadOf(row: Attributes): Upload {
  const version = row["Version"]?.S ?? "";
  const uploaded = Date.parse(row["Uploaded"]?.S ?? "");
  const counted = timeOf(version);
  return {
    store: row["Store"]?.S ?? "",
    version,
    objectVersion: row["ObjectVersion"]?.S,
    key: row["Key"]?.S ?? "",
    uploaded: Number.isNaN(uploaded) ? counted : uploaded,
    counted,
    outcome: row["Outcome"]?.S ?? "",
    reason: row["Reason"]?.S,
    supersededBy: timeOf(row["SupersededBy"]?.S),
    receipt: row["Receipt"]?.M && countsOf(row["Receipt"].M),
    rejects: (row["Rejects"]?.L ?? []).map(rejectOf),
    preview: row["Preview"]?.M && previewOf(row["Preview"].M),
  };
}

function countsOf(map: Attributes): Counts {
  const known = COUNTS.map((name) => [name, number(map[name])] as const);
  return Object.fromEntries(known.filter(([, value]) => value !== undefined)) as Counts;
}

function rejectOf({ M: map = {} }: Value): Reject {
  return {
    line: number(map["Line"]),
    column: number(map["Column"]),
    value: map["Value"]?.S ?? "",
    reason: map["Reason"]?.S ?? "",
  };
}

function previewOf(map: Attributes): Preview {
  const count = (name: string) => number(map[name]) ?? 0;
  return { changes: count("changes"), soldOut: count("sold_out"), runningLow: count("running_low"), backInStock: count("back_in_stock") };
}

function number(value: Value | undefined): number | undefined {
  return value?.N === undefined ? undefined : Number(value.N);
}

/** The last part of an object's key, which is what people called their file. */
export function fileName(upload: Upload): string {
  return upload.key.split("/").at(-1) ?? "";
}
