import { STATUSES, type Status } from "../data/columns.ts";
import { COLUMNS, type Column, EVERYTHING, type Selection, comparison } from "../data/select.ts";

/** What is looked at: all of it is in the address, after the #. */
export type Route = {
  screen: Screen;
  /** Of the store screen. */
  store: string;
  tab: "items" | "uploads";
  /** The item whose panel is open. */
  item: string;
  selection: Selection;
};

export const SCREENS = ["overview", "stock", "store", "uploads"] as const;
export type Screen = (typeof SCREENS)[number];

export function parse(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const [screen = "", store = ""] = path.split("/", 2);
  const parameters = new URLSearchParams(query);
  const all = (name: string) => parameters.getAll(name).filter(Boolean);
  const sort = parameters.get("sort") ?? "";
  const column = sort.replace(/^-/, "") as Column;
  return {
    screen: SCREENS.find((known) => known === screen) ?? "overview",
    store: decoded(store),
    tab: parameters.get("tab") === "uploads" ? "uploads" : "items",
    item: parameters.get("item") ?? "",
    selection: {
      text: parameters.get("q") ?? "",
      statuses: STATUSES.filter((status) => all("status").includes(status)),
      stores: all("in"),
      counts: all("count").filter(comparison),
      sort: COLUMNS.includes(column) ? { column, descending: sort.startsWith("-") } : EVERYTHING.sort,
    },
  };
}

export function format({ screen, store, tab, item, selection }: Route): string {
  const parameters = new URLSearchParams();
  if (screen === "stock" || screen === "store") {
    const { text, statuses, stores, counts, sort } = selection;
    if (text) parameters.set("q", text);
    statuses.forEach((status: Status) => parameters.append("status", status));
    stores.forEach((name) => parameters.append("in", name));
    counts.forEach((bound) => parameters.append("count", bound));
    const { column, descending } = sort;
    if (column !== EVERYTHING.sort.column || descending) parameters.set("sort", (descending ? "-" : "") + column);
  }
  if (screen === "store" && tab === "uploads") parameters.set("tab", tab);
  if (item) parameters.set("item", item);
  const query = parameters.toString();
  const path = screen === "store" ? `store/${encodeURIComponent(store)}` : screen;
  return `#/${path}${query && `?${query}`}`;
}

/** A route with nothing chosen. */
export function to(screen: Screen, more: Partial<Omit<Route, "selection">> & { selection?: Partial<Selection> } = {}): Route {
  return { screen, store: "", tab: "items", item: "", ...more, selection: { ...EVERYTHING, ...more.selection } };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
