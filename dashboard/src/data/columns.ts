import { compare, isExact, scaled, textOf } from "./decimal.ts";

/** A value as DynamoDB sends it. */
export type Value = { S?: string; N?: string; L?: Value[]; M?: Attributes };
export type Attributes = Record<string, Value>;

export const STATUSES = ["out", "low", "ok", "unreadable"] as const;
export type Status = (typeof STATUSES)[number];

/** One row of the inventory, for showing it. Counts are decimal texts, times milliseconds. */
export type Level = {
  store: string;
  item: string;
  name: string | undefined;
  count: string | undefined;
  reorderPoint: string | undefined;
  status: Status;
  changed: number | undefined;
};

/** Texts by number: each is held once, however many rows have it. Number 0 is no text. */
export class Dictionary {
  readonly texts: string[] = [""];
  private readonly numbers = new Map<string, number>([["", 0]]);
  private foldedTexts: string[] = [];
  private rankOf: Uint32Array = new Uint32Array(0);

  number(text: string): number {
    const known = this.numbers.get(text);
    if (known !== undefined) return known;
    this.numbers.set(text, this.texts.length);
    return this.texts.push(text) - 1;
  }

  find(text: string): number | undefined {
    return this.numbers.get(text);
  }

  /** The texts as a search compares them: without case and accents. */
  folded(): readonly string[] {
    for (let i = this.foldedTexts.length; i < this.texts.length; i++) {
      const text = this.texts[i] as string;
      const folded = fold(text);
      this.foldedTexts.push(folded === text ? text : folded);
    }
    return this.foldedTexts;
  }

  /** The place of each text in the order that people expect. */
  ranks(): Uint32Array {
    if (this.rankOf.length !== this.texts.length) {
      const order = Uint32Array.from(this.texts.keys());
      const { compare } = new Intl.Collator(undefined, { numeric: true });
      order.sort((a, b) => compare(this.texts[a] as string, this.texts[b] as string));
      this.rankOf = new Uint32Array(order.length);
      order.forEach((text, rank) => (this.rankOf[text] = rank));
    }
    return this.rankOf;
  }
}

export function fold(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

type Exact = { count?: string; reorderPoint?: string };
type Arrays = {
  store: Uint32Array;
  item: Uint32Array;
  name: Uint32Array;
  count: Float64Array;
  reorderPoint: Float64Array;
  status: Uint8Array;
  changed: Float64Array;
};

/** Rows of the inventory by column, which a million of fit into some ten megabytes. */
export class Columns {
  readonly texts: Dictionary;
  readonly length: number;
  readonly arrays: Arrays;
  /** The texts of numbers that a scaled number cannot hold. */
  private readonly exact: ReadonlyMap<number, Exact>;

  private constructor(texts: Dictionary, length: number, arrays: Arrays, exact: ReadonlyMap<number, Exact>) {
    this.texts = texts;
    this.length = length;
    this.arrays = arrays;
    this.exact = exact;
  }

  /** What was read of a table. A row without a store and an item is none. */
  static of(texts: Dictionary, rows: Iterable<Attributes>, store?: string): Columns {
    const read = [...rows].filter((row) => row["Item"]?.S && (store ?? row["Store"]?.S));
    const arrays = allocate(read.length);
    const exact = new Map<number, Exact>();
    read.forEach((row, i) => {
      const count = row["Count"]?.N;
      const reorderPoint = row["ReorderPoint"]?.N;
      arrays.store[i] = texts.number(store ?? row["Store"]?.S ?? "");
      arrays.item[i] = texts.number(row["Item"]?.S ?? "");
      arrays.name[i] = texts.number((row["Name"]?.S ?? "").replace(/\s+/g, " "));
      arrays.count[i] = count === undefined ? NaN : scaled(count);
      arrays.reorderPoint[i] = reorderPoint === undefined ? NaN : scaled(reorderPoint);
      arrays.status[i] = STATUSES.indexOf(statusOf(count, reorderPoint));
      arrays.changed[i] = timeOf(row["Version"]?.S) ?? NaN;
      const kept: Exact = {};
      if (count !== undefined && !isExact(count)) kept.count = count;
      if (reorderPoint !== undefined && !isExact(reorderPoint)) kept.reorderPoint = reorderPoint;
      if (kept.count ?? kept.reorderPoint) exact.set(i, kept);
    });
    return new Columns(texts, read.length, arrays, exact);
  }

  /** One after the other, and each part again as a view of the whole, so that rows are held once. */
  static join(texts: Dictionary, parts: readonly Columns[]): { whole: Columns; parts: Columns[] } {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const arrays = allocate(length);
    const exact = new Map<number, Exact>();
    let at = 0;
    const views = parts.map((part) => {
      const from = at;
      for (const name of NAMES) arrays[name].set(part.arrays[name] as never, from);
      part.exact.forEach((kept, i) => exact.set(from + i, kept));
      at += part.length;
      return new Columns(texts, part.length, view(arrays, from, at), part.exact);
    });
    return { whole: new Columns(texts, length, arrays, exact), parts: views };
  }

  level(i: number): Level {
    const { arrays, texts } = this;
    const text = (numbers: Uint32Array) => texts.texts[numbers[i] as number] as string;
    return {
      store: text(arrays.store),
      item: text(arrays.item),
      name: text(arrays.name) || undefined,
      count: this.exact.get(i)?.count ?? numberText(arrays.count[i] as number),
      reorderPoint: this.exact.get(i)?.reorderPoint ?? numberText(arrays.reorderPoint[i] as number),
      status: STATUSES[arrays.status[i] as number] as Status,
      changed: Number.isNaN(arrays.changed[i]) ? undefined : arrays.changed[i],
    };
  }

  /** How many rows have each status. */
  tally(): Record<Status, number> {
    const sums = [0, 0, 0, 0];
    for (const status of this.arrays.status) sums[status] = (sums[status] as number) + 1;
    return Object.fromEntries(STATUSES.map((status, i) => [status, sums[i]])) as Record<Status, number>;
  }
}

const NAMES = ["store", "item", "name", "count", "reorderPoint", "status", "changed"] as const;

function allocate(length: number): Arrays {
  return {
    store: new Uint32Array(length),
    item: new Uint32Array(length),
    name: new Uint32Array(length),
    count: new Float64Array(length),
    reorderPoint: new Float64Array(length),
    status: new Uint8Array(length),
    changed: new Float64Array(length),
  };
}

function view(arrays: Arrays, from: number, to: number): Arrays {
  return Object.fromEntries(NAMES.map((name) => [name, arrays[name].subarray(from, to)])) as Arrays;
}

function numberText(value: number): string | undefined {
  return Number.isNaN(value) ? undefined : textOf(value);
}

/** Computed, never trusted: a row that somebody else wrote has no status, or an old one. */
export function statusOf(count: string | undefined, reorderPoint: string | undefined): Status {
  if (count === undefined || Number.isNaN(scaled(count))) return "unreadable";
  if (compare(count, "0") <= 0) return "out";
  return reorderPoint !== undefined && compare(count, reorderPoint) <= 0 ? "low" : "ok";
}

/** The time in a version: `2026-11-02T06:00:00.000Z/<sequencer>`. */
export function timeOf(version: string | undefined): number | undefined {
  const time = Date.parse(version?.split("/", 1)[0] ?? "");
  return Number.isNaN(time) ? undefined : time;
}
