import type { Attributes } from "../data/columns.ts";
import type { Trouble } from "./trouble.ts";

/** All that the dashboard asks of AWS. `aws.ts` asks it of AWS, `fake.ts` of rows in memory. */
export type Cloud = {
  /** What is known of each store that one may see. */
  stores(): Promise<Attributes[]>;
  /** What one shard of the index has out or low. */
  alerts(shard: number): Promise<Attributes[]>;
  /** All rows of a store, page by page. */
  stock(store: string, page: (rows: Attributes[]) => void): Promise<void>;
  /** One row, if the store has the item. */
  level(store: string, item: string): Promise<Attributes | undefined>;
  /** The newest receipts of a store, the newest first. */
  uploads(store: string, limit: number): Promise<Attributes[]>;
  /** Puts a file under the store's prefix; gives the object's version, by which its receipt is found. */
  put(store: string, name: string, file: Blob, mode: Mode): Promise<string>;
};

/** Confirmed, a file is applied though it empties the store. */
export type Mode = "apply" | "confirmed" | "dry-run";

/** Over how many partitions the index is spread. */
export const SHARDS = 8;

/** How many receipts of a store are shown. */
export const HISTORY = 50;

/** What a request cost. */
export type Cost = { question: keyof Cloud; units: number; rows: number; milliseconds: number };

/** What all requests of this page cost. */
export class Meter {
  costs: readonly Cost[] = [];
  private readonly listeners = new Set<() => void>();

  readonly add = (cost: Cost): void => {
    this.costs = [...this.costs.slice(-9_999), cost];
    this.listeners.forEach((listener) => listener());
  };

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

export class CloudError extends Error {
  readonly trouble: Trouble;

  constructor(trouble: Trouble) {
    super(trouble.kind);
    this.trouble = trouble;
  }
}
