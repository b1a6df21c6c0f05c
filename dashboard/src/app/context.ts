import { createContext } from "preact";
import { useContext, useEffect, useReducer } from "preact/hooks";
import type { Cloud } from "../cloud/cloud.ts";
import type { Config } from "../config.ts";
import type { Copy } from "../copy/index.ts";
import type { Columns } from "../data/columns.ts";
import type { Upload } from "../data/uploads.ts";
import type { Answer, Warehouse } from "../data/warehouse.ts";
import type { Preferences } from "../preferences.ts";
import type { Session } from "../session/session.ts";
import type { Format } from "./format.ts";
import type { Route } from "./url.ts";

/** What every screen may use. */
export type Here = {
  t: Copy;
  format: Format;
  now(): number;
  config: Config;
  session: Session;
  cloud: Cloud;
  warehouse: Warehouse;
  preferences: Preferences;
  prefer(change: Partial<Preferences>): void;
  route: Route;
  /** Goes there; in place if it is the same screen seen a little differently. */
  go(route: Route, inPlace?: boolean): void;
};

export const Context = createContext<Here | undefined>(undefined);

export function useHere(): Here {
  const here = useContext(Context);
  if (!here) throw new Error("a screen is shown outside of the app");
  return here;
}

/** Shows again what changed in the warehouse. */
function useWarehouse(): Warehouse {
  const { warehouse } = useHere();
  const [, again] = useReducer((times: number) => times + 1, 0);
  useEffect(() => warehouse.subscribe(() => again(undefined as never)), [warehouse]);
  return warehouse;
}

/** What is known of each store? */
export function useStores(): Answer<Upload[]> {
  const warehouse = useWarehouse();
  useEffect(() => void warehouse.ensure(warehouse.stores), [warehouse]);
  return warehouse.stores.answer;
}

/** What is out or low, anywhere? */
export function useAlerts(): Answer<Columns> {
  const warehouse = useWarehouse();
  useEffect(() => void warehouse.ensure(warehouse.alerts), [warehouse]);
  return warehouse.alerts.answer;
}

/** What do these stores hold? */
export function useStock(stores: readonly string[]): Answer<Columns> & { missing: number } {
  const warehouse = useWarehouse();
  useEffect(() => void warehouse.load(stores), [warehouse, stores.join("\n")]);
  return warehouse.stockOfAll(stores);
}

/** What does one store hold? */
export function useStore(store: string): Answer<Columns> {
  const warehouse = useWarehouse();
  useEffect(() => void warehouse.ensure(warehouse.stockOf(store)), [warehouse, store]);
  return warehouse.stockOf(store).answer;
}

/** What became of the uploads of a store? */
export function useUploads(store: string): Answer<Upload[]> {
  const warehouse = useWarehouse();
  useEffect(() => void warehouse.ensure(warehouse.uploadsOf(store)), [warehouse, store]);
  return warehouse.uploadsOf(store).answer;
}

/** Who has this item? */
export function useItem(item: string): Answer<Columns> {
  const warehouse = useWarehouse();
  useEffect(() => void warehouse.ensure(warehouse.item(item)), [warehouse, item]);
  return warehouse.item(item).answer;
}
