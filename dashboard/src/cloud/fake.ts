import type { Attributes } from "../data/columns.ts";
import { type Cloud, CloudError, SHARDS } from "./cloud.ts";
import type { Trouble } from "./trouble.ts";

export type Fake = Cloud & {
  tables: { inventory: Attributes[]; stores: Attributes[]; uploads: Attributes[] };
  /** What each question fails with, if it does. */
  troubles: Partial<Record<keyof Cloud, Trouble>>;
  /** What was asked, in order. */
  asked: string[];
};

/** Rows in memory behind the same questions. */
export function fake(tables: Partial<Fake["tables"]> = {}): Fake {
  const held = { inventory: [], stores: [], uploads: [], ...tables };
  const cloud: Fake = {
    tables: held,
    troubles: {},
    asked: [],
    stores: () => ask("stores", "", () => held.stores),
    alerts: (shard) => ask("alerts", String(shard), () => held.inventory.filter((row, i) => row["Status"] && i % SHARDS === shard)),
    stock: async (store, page) => page(await ask("stock", store, () => of(held.inventory, store))),
    level: (store, item) => ask("level", `${store} ${item}`, () => of(held.inventory, store).find((row) => row["Item"]?.S === item)),
    uploads: (store, limit) => ask("uploads", store, () => of(held.uploads, store).slice(0, limit)),
    put: (store, name, _, mode) => ask("put", `${store} ${name} ${mode}`, () => `version-${cloud.asked.length}`),
  };
  return cloud;

  async function ask<T>(question: keyof Cloud, of: string, answer: () => T): Promise<T> {
    cloud.asked.push(`${question} ${of}`.trim());
    const trouble = cloud.troubles[question];
    if (trouble) throw new CloudError(trouble);
    return answer();
  }
}

function of(rows: Attributes[], store: string): Attributes[] {
  return rows.filter((row) => row["Store"]?.S === store);
}
