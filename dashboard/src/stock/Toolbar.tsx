import { useEffect, useState } from "preact/hooks";
import { useHere } from "../app/context.ts";
import { Icon } from "../app/ui.tsx";
import { type Columns, type Status } from "../data/columns.ts";
import { csv } from "../data/csv.ts";
import { type Column, COLUMNS, EVERYTHING, type Selection, tokens } from "../data/select.ts";

const FILTERED: readonly Status[] = ["out", "low", "ok"];
const TYPING = 120;

/** What narrows the rows down, orders them and takes them out. */
export function Toolbar({ selection, onSelect, stores, rows, order, columns }: {
  selection: Selection;
  onSelect(selection: Selection): void;
  /** The stores that can be chosen; nothing where there is no choice. */
  stores: readonly string[] | undefined;
  rows: Columns | undefined;
  order: Uint32Array | undefined;
  columns: readonly Column[];
}) {
  const { t } = useHere();
  const toggle = (status: Status) => {
    const { statuses } = selection;
    onSelect({ ...selection, statuses: statuses.includes(status) ? statuses.filter((s) => s !== status) : [...statuses, status] });
  };
  return (
    <div class="toolbar" role="search">
      <Search selection={selection} stores={stores} onSelect={onSelect} />
      <div class="segments" role="group" aria-label={t.stock.filters}>
        {FILTERED.map((status) => (
          <button key={status} class={`segment ${status}`} aria-pressed={selection.statuses.includes(status)} onClick={() => toggle(status)}>
            <Icon name={status} />{t.status[status]}
          </button>
        ))}
      </div>
      {stores && (
        <select class="store-select" aria-label={t.stock.addStore} value="" onChange={(event) => {
          const store = event.currentTarget.value;
          event.currentTarget.value = "";
          if (store && !selection.stores.includes(store)) onSelect({ ...selection, stores: [...selection.stores, store] });
        }}>
          <option value="">{t.stock.allStores}</option>
          {stores.map((store) => <option key={store} value={store}>{store}</option>)}
        </select>
      )}
      <span class="grow" />
      <label class="sort-select">
        <span class="sr">{t.stock.sortBy}</span>
        <select value={`${selection.sort.descending ? "-" : ""}${selection.sort.column}`} onChange={(event) => {
          const value = event.currentTarget.value;
          onSelect({ ...selection, sort: { column: value.replace(/^-/, "") as Column, descending: value.startsWith("-") } });
        }}>
          {columns.flatMap((column) => [
            <option key={column} value={column}>{t.columns[column]} ↑</option>,
            <option key={`-${column}`} value={`-${column}`}>{t.columns[column]} ↓</option>,
          ])}
        </select>
      </label>
      <ColumnMenu />
      <button class="button" disabled={!order?.length} onClick={() => rows && order && download(rows, order, columns, t.columns)}>
        <Icon name="download" /><span>{t.stock.export}</span>
      </button>
    </div>
  );
}

function Search({ selection, stores, onSelect }: { selection: Selection; stores: readonly string[] | undefined; onSelect(selection: Selection): void }) {
  const { t } = useHere();
  const [typed, setTyped] = useState(selection.text);
  useEffect(() => setTyped(selection.text), [selection.text]);
  useEffect(() => {
    if (typed === selection.text) return undefined;
    const timer = setTimeout(() => onSelect({ ...selection, text: typed }), TYPING);
    return () => clearTimeout(timer);
  }, [typed]);
  const pressed = (event: KeyboardEvent) => {
    if (event.key !== "Enter") return;
    const found = tokens(typed, stores ?? []);
    const both = <T,>(a: readonly T[], b: readonly T[] = []) => [...new Set([...a, ...b])];
    setTyped(found.text);
    onSelect({
      ...selection,
      text: found.text,
      statuses: both(selection.statuses, found.statuses),
      stores: both(selection.stores, found.stores),
      counts: both(selection.counts, found.counts),
    });
  };
  return (
    <label class="search">
      <Icon name="search" />
      <span class="sr">{t.stock.search}</span>
      <input type="search" placeholder={`${t.stock.search} ${stores ? t.stock.searchHint : ""}`} value={typed}
        onInput={(event) => setTyped(event.currentTarget.value)} onKeyDown={pressed} />
      <kbd>/</kbd>
    </label>
  );
}

/** The filters that hold, each with a way out of it. */
export function Tokens({ selection, onSelect }: { selection: Selection; onSelect(selection: Selection): void }) {
  const { t } = useHere();
  const without = <T,>(all: readonly T[], one: T) => all.filter((other) => other !== one);
  const held: [string, () => Selection][] = [
    ...selection.stores.map((store): [string, () => Selection] => [store, () => ({ ...selection, stores: without(selection.stores, store) })]),
    ...selection.counts.map((bound): [string, () => Selection] =>
      [`${t.columns.count} ${bound}`, () => ({ ...selection, counts: without(selection.counts, bound) })]),
  ];
  const isFiltered = held.length > 0 || selection.statuses.length > 0 || selection.text !== "";
  return (
    <div class="tokens">
      {held.map(([word, less]) => (
        <button key={word} class="token" aria-label={t.stock.remove(word)} onClick={() => onSelect(less())}>{word}<Icon name="close" /></button>
      ))}
      {isFiltered && (
        <button class="button quiet" onClick={() => onSelect({ ...EVERYTHING, sort: selection.sort })}>{t.stock.clear}</button>
      )}
    </div>
  );
}

function ColumnMenu() {
  const { t, preferences, prefer } = useHere();
  return (
    <>
      <button class="button columns-button" popovertarget="columns"><Icon name="columns" /><span>{t.stock.columns}</span></button>
      <div id="columns" popover="auto" class="menu">
        <fieldset>
          <legend>{t.stock.columns}</legend>
          {COLUMNS.map((column) => (
            <label key={column} class="check">
              <input type="checkbox" checked={!preferences.hidden.includes(column)} disabled={column === "item"} onChange={(event) => {
                const hidden = preferences.hidden.filter((other) => other !== column);
                prefer({ hidden: event.currentTarget.checked ? hidden : [...hidden, column] });
              }} />
              {t.columns[column]}
            </label>
          ))}
        </fieldset>
        <fieldset>
          <legend>{t.stock.density}</legend>
          {(["comfortable", "compact"] as const).map((density) => (
            <label key={density} class="check">
              <input type="radio" name="density" checked={preferences.density === density} onChange={() => prefer({ density })} />
              {t.preferences.densities[density]}
            </label>
          ))}
        </fieldset>
      </div>
    </>
  );
}

function download(rows: Columns, order: Uint32Array, columns: readonly Column[], words: Record<Column, string>): void {
  const lines = Array.from(order, (i) => {
    const level = rows.level(i);
    const changed = level.changed === undefined ? undefined : new Date(level.changed).toISOString();
    return columns.map((column) => (column === "changed" ? changed : level[column]));
  });
  const url = URL.createObjectURL(csv(columns.map((column) => words[column]), lines));
  const link = document.createElement("a");
  link.href = url;
  link.download = "stock.csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
