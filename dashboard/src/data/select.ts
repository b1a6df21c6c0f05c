import { type Columns, fold, STATUSES, type Status } from "./columns.ts";
import { scaled } from "./decimal.ts";

export const COLUMNS = ["status", "item", "name", "store", "count", "reorderPoint", "changed"] as const;
export type Column = (typeof COLUMNS)[number];
export type Sort = { column: Column; descending: boolean };

/** Which rows, and in which order: what the address of the stock screen says. */
export type Selection = {
  text: string;
  statuses: readonly Status[];
  stores: readonly string[];
  /** Like `<5` or `>=10`. */
  counts: readonly string[];
  sort: Sort;
};

export const EVERYTHING: Selection = {
  text: "",
  statuses: [],
  stores: [],
  counts: [],
  sort: { column: "status", descending: false },
};

/** The rows that a selection names, in its order. */
export function select(rows: Columns, selection: Selection): Uint32Array {
  return ordered(rows, filtered(rows, selection), selection.sort);
}

export function filtered(rows: Columns, { text, statuses, stores, counts }: Selection): Uint32Array {
  const { store, item, name, status, count } = rows.arrays;
  const found = matching(rows, text);
  const wanted = statuses.length ? STATUSES.map((s) => statuses.includes(s)) : undefined;
  const inStores = stores.length ? new Set(stores.map((s) => rows.texts.find(s))) : undefined;
  const bounds = counts.flatMap((bound) => comparison(bound) ?? []);
  const chosen = new Uint32Array(rows.length);
  let length = 0;
  for (let i = 0; i < rows.length; i++) {
    if (wanted && !wanted[status[i] as number]) continue;
    if (inStores && !inStores.has(store[i])) continue;
    if (found && !found.every((hits) => hits[item[i] as number] || hits[name[i] as number] || hits[store[i] as number])) continue;
    if (bounds.length && !bounds.every((holds) => holds(count[i] as number))) continue;
    chosen[length++] = i;
  }
  return chosen.subarray(0, length);
}

/** For each word that is looked for, which texts have it. */
function matching(rows: Columns, text: string): Uint8Array[] | undefined {
  const words = fold(text).split(/\s+/).filter(Boolean);
  if (!words.length) return undefined;
  const folded = rows.texts.folded();
  return words.map((word) => {
    const hits = new Uint8Array(folded.length);
    folded.forEach((text, i) => (hits[i] = text.includes(word) ? 1 : 0));
    return hits;
  });
}

const COMPARISON = /^(<=|>=|<|>|=)(-?\d+(?:\.\d+)?)$/;

export function comparison(bound: string): ((count: number) => boolean) | undefined {
  const [, operator, digits] = COMPARISON.exec(bound) ?? [];
  if (!operator || !digits) return undefined;
  const limit = scaled(digits);
  const holds = {
    "<": (count: number) => count < limit,
    "<=": (count: number) => count <= limit,
    ">": (count: number) => count > limit,
    ">=": (count: number) => count >= limit,
    "=": (count: number) => count === limit,
  };
  return holds[operator as keyof typeof holds];
}

function ordered(rows: Columns, chosen: Uint32Array, { column, descending }: Sort): Uint32Array {
  const key = keysOf(rows, column);
  return sorted(chosen, descending ? (row) => (key(row) === Infinity ? Infinity : -key(row)) : key);
}

/** A number for each row by which a column sorts; what is missing comes last. */
function keysOf({ arrays, texts }: Columns, column: Column): (row: number) => number {
  switch (column) {
    case "item":
    case "name":
    case "store": {
      const ranks = texts.ranks();
      const numbers = arrays[column];
      return (row) => (numbers[row] ? (ranks[numbers[row] as number] as number) : Infinity);
    }
    case "status":
      // Within a status what changed last comes first.
      return (row) => (arrays.status[row] as number) * 1e14 - (arrays.changed[row] || 0);
    default: {
      const numbers = arrays[column];
      return (row) => (Number.isNaN(numbers[row]) ? Infinity : (numbers[row] as number));
    }
  }
}

const RADIX = 1 << 16;

/** Rows by key, equal ones in their order: a radix sort over the bits of the keys. */
export function sorted(rows: Uint32Array, key: (row: number) => number): Uint32Array {
  const halves = [new Uint32Array(rows.length), new Uint32Array(rows.length)] as const;
  const float = new Float64Array(1);
  const [low, high] = [0, 1];
  const bits = new Uint32Array(float.buffer);
  for (let i = 0; i < rows.length; i++) {
    float[0] = key(rows[i] as number) + 0;
    // The order of the bits is that of the numbers once negative ones are turned over.
    const negative = (bits[high] as number) >>> 31;
    halves[0][i] = (bits[low] as number) ^ (negative ? 0xffffffff : 0);
    halves[1][i] = (bits[high] as number) ^ (negative ? 0xffffffff : 0x80000000);
  }
  let places: Uint32Array = Uint32Array.from({ length: rows.length }, (_, i) => i);
  for (const half of halves) {
    places = pass(pass(places, half, 0), half, 16);
  }
  return places.map((place) => rows[place] as number);
}

function pass(places: Uint32Array, keys: Uint32Array, shift: number): Uint32Array {
  const starts = new Uint32Array(RADIX + 1);
  for (const place of places) starts[(((keys[place] as number) >>> shift) & 0xffff) + 1]!++;
  // All in one bucket: nothing moves.
  if (places.length && starts[(((keys[0] as number) >>> shift) & 0xffff) + 1] === places.length) return places;
  for (let i = 0; i < RADIX; i++) starts[i + 1]! += starts[i] as number;
  const moved = new Uint32Array(places.length);
  for (const place of places) moved[starts[((keys[place] as number) >>> shift) & 0xffff]!++] = place;
  return moved;
}

const TOKEN = /^(status|store|count):?(.+)$/;

/** What is typed in the search box: `status:out store:Oslo count<5` become tokens, the rest is text. */
export function tokens(typed: string, stores: readonly string[]): Partial<Selection> & { text: string } {
  const words = typed.match(/\w+:"[^"]*"|\S+/g) ?? [];
  const statuses: Status[] = [];
  const chosen: string[] = [];
  const counts: string[] = [];
  const rest = words.filter((word) => {
    const [, kind, raw = ""] = TOKEN.exec(word) ?? [];
    const value = raw.replace(/^"|"$/g, "");
    const store = stores.find((s) => fold(s).startsWith(fold(value)));
    if (kind === "status" && STATUSES.includes(value as Status)) statuses.push(value as Status);
    else if (kind === "store" && store) chosen.push(store);
    else if (kind === "count" && comparison(value)) counts.push(value);
    else return true;
    return false;
  });
  return { text: rest.join(" "), statuses, stores: chosen, counts };
}
