import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from "@tanstack/virtual-core";
import { useEffect, useLayoutEffect, useReducer, useRef, useState } from "preact/hooks";
import { useHere } from "../app/context.ts";
import { Icon, StatusMark } from "../app/ui.tsx";
import type { Columns, Level } from "../data/columns.ts";
import type { Column, Sort } from "../data/select.ts";

/** An element cannot be taller than this in Chromium. */
const TALLEST = 33_000_000;
const HEIGHTS = { comfortable: 40, compact: 30, phone: 62 };
const WIDTHS: Record<Column, string> = {
  status: "7rem", item: "minmax(7rem, 1.1fr)", name: "minmax(9rem, 2fr)", store: "minmax(8rem, 1.3fr)",
  count: "6.5rem", reorderPoint: "6.5rem", changed: "8rem",
};
export const NUMERIC: readonly Column[] = ["count", "reorderPoint"];
/** In the language of whoever wrote the file. */
const WORDS: readonly Column[] = ["item", "name", "store"];

/**
 * A table of any length. One element is the grid, the scroller and the only tab stop; the arrows
 * move in it, from the header (row -1) to the last row.
 */
export function Grid({ label, rows, order, columns, sort, onSort }: {
  label: string;
  rows: Columns;
  order: Uint32Array;
  columns: readonly Column[];
  sort: Sort;
  onSort(column: Column): void;
}) {
  const { t, format, preferences, route, go } = useHere();
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState({ row: 0, column: 0 });
  const height = HEIGHTS[usePhone() ? "phone" : preferences.density];
  const length = Math.min(order.length, Math.floor(TALLEST / height));
  const virtual = useVirtual(scroller, length, height);
  const row = Math.min(active.row, length - 1);
  const shown = virtual.getVirtualItems();
  const isShown = row < 0 || shown.some(({ index }) => index === row);
  const grid = { gridTemplateColumns: columns.map((column) => WIDTHS[column]).join(" ") };

  const open = (index: number) => {
    const item = rows.level(order[index] as number).item;
    go({ ...route, item }, route.item !== "");
  };
  const moveTo = (row: number, column = active.column) => {
    const to = Math.max(-1, Math.min(length - 1, row));
    setActive({ row: to, column: Math.max(0, Math.min(columns.length - 1, column)) });
    if (to >= 0) virtual.scrollToIndex(to, { align: "auto" });
  };
  const pressed = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? height) / height) - 2);
    const back = document.documentElement.dir === "rtl" ? 1 : -1;
    const moves: Record<string, () => void> = {
      ArrowDown: () => moveTo(row + 1),
      ArrowUp: () => moveTo(row - 1),
      ArrowLeft: () => moveTo(row, active.column + back),
      ArrowRight: () => moveTo(row, active.column - back),
      PageDown: () => moveTo(row + page),
      PageUp: () => moveTo(Math.max(0, row - page)),
      Home: () => moveTo(event.ctrlKey ? 0 : row, event.ctrlKey ? active.column : 0),
      End: () => moveTo(event.ctrlKey ? length - 1 : row, event.ctrlKey ? active.column : columns.length - 1),
      Enter: () => (row < 0 ? onSort(columns[active.column] as Column) : open(row)),
    };
    const move = moves[event.key];
    if (!move || event.altKey || event.metaKey) return;
    event.preventDefault();
    move();
  };

  return (
    <>
      <div
        ref={scroller} class="grid" role="grid" tabIndex={0} aria-label={label} aria-rowcount={order.length + 1} aria-colcount={columns.length}
        aria-activedescendant={isShown && length ? `cell-${row}-${active.column}` : undefined} onKeyDown={pressed}
      >
        <div role="rowgroup" class="grid-head">
          <div role="row" aria-rowindex={1} class="grid-row" style={grid}>
            {columns.map((column, i) => (
              <div
                key={column} id={`cell--1-${i}`} role="columnheader" aria-colindex={i + 1}
                class={`cell ${NUMERIC.includes(column) ? "numeric" : ""} ${row === -1 && active.column === i ? "active" : ""}`}
                aria-sort={sort.column === column ? (sort.descending ? "descending" : "ascending") : "none"}
                onClick={() => onSort(column)}
              >
                {t.columns[column]}
                {sort.column === column && <Icon name={sort.descending ? "sortDown" : "sortUp"} />}
              </div>
            ))}
          </div>
        </div>
        <div role="rowgroup" class="grid-body" style={{ height: `${length * height}px` }}>
          {shown.map(({ index, start }) => {
            const level = rows.level(order[index] as number);
            const style = { ...grid, height: `${height}px`, transform: `translateY(${start}px)` };
            return (
              <div
                key={index} role="row" aria-rowindex={index + 2} style={style}
                class={`grid-row ${row === index ? "active" : ""} ${level.item === route.item ? "selected" : ""}`}
                onClick={() => {
                  setActive({ row: index, column: active.column });
                  open(index);
                }}
              >
                {columns.map((column, i) => (
                  <div key={column} id={`cell-${index}-${i}`} role="gridcell" aria-colindex={i + 1} dir={WORDS.includes(column) ? "auto" : undefined}
                    class={`cell ${column} ${NUMERIC.includes(column) ? "numeric" : ""} ${row === index && active.column === i ? "active" : ""}`}>
                    {content(level, column)}
                  </div>
                ))}
              </div>
            );
          })}
        </div>
      </div>
      {length < order.length && <p class="sub" role="status">{t.stock.tooMany(format.number(length))}</p>}
    </>
  );

  function content(level: Level, column: Column) {
    switch (column) {
      case "status": return <StatusMark status={level.status} />;
      case "changed": return level.changed === undefined ? null : <span title={format.when(level.changed)}>{format.ago(level.changed)}</span>;
      case "count":
      case "reorderPoint": return level[column] === undefined ? <span class="none">–</span> : format.number(level[column]);
      default: return level[column];
    }
  }
}

/** Which rows are in sight. */
function useVirtual(scroller: { current: HTMLDivElement | null }, count: number, height: number): Virtualizer<HTMLDivElement, HTMLElement> {
  const [, again] = useReducer((times: number) => times + 1, 0);
  const options = {
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 8,
    scrollPaddingStart: height,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    onChange: () => again(undefined as never),
  };
  const [virtual] = useState(() => new Virtualizer<HTMLDivElement, HTMLElement>(options));
  virtual.setOptions(options);
  useLayoutEffect(() => virtual._didMount(), [virtual]);
  useLayoutEffect(() => virtual._willUpdate());
  useLayoutEffect(() => virtual.measure(), [height]);
  return virtual;
}

export function usePhone(): boolean {
  const query = matchMedia("(max-width: 640px)");
  const [matches, set] = useState(query.matches);
  useEffect(() => {
    const changed = () => set(query.matches);
    query.addEventListener("change", changed);
    return () => query.removeEventListener("change", changed);
  }, []);
  return matches;
}
