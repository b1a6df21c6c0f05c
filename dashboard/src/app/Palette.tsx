import { useMemo, useState } from "preact/hooks";
import { fold } from "../data/columns.ts";
import { useAlerts, useHere, useStores } from "./context.ts";
import { Dialog, Icon, type IconName } from "./ui.tsx";
import { to } from "./url.ts";

type Entry = { group: string; word: string; more?: string; icon: IconName; run(): void };
const SHOWN = 12;

/** Type a few letters, and be there. */
export function Palette({ onClose, onUnits }: { onClose(): void; onUnits(): void }) {
  const { t } = useHere();
  const [typed, setTyped] = useState("");
  const [active, setActive] = useState(0);
  const entries = useEntries(onUnits);
  const found = useMemo(() => {
    const words = fold(typed).split(/\s+/).filter(Boolean);
    const fits = ({ word, more }: Entry) => words.every((part) => fold(`${word} ${more ?? ""}`).includes(part));
    return entries.filter(fits).slice(0, SHOWN);
  }, [entries, typed]);

  const run = (entry: Entry | undefined) => {
    if (!entry) return;
    onClose();
    entry.run();
  };
  const pressed = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setActive((active + step + found.length) % (found.length || 1));
    else if (event.key === "Enter") run(found[active]);
    else return;
    event.preventDefault();
  };

  return (
    <Dialog label={t.nav.palette} kind="palette" onClose={onClose}>
      <div class="palette-input">
        <Icon name="search" />
        <input
          type="text" role="combobox" aria-expanded="true" aria-controls="palette-list" aria-autocomplete="list"
          aria-activedescendant={found.length ? `palette-${active}` : undefined}
          aria-label={t.nav.palette} placeholder={t.palette.placeholder} value={typed} autofocus
          onInput={(event) => {
            setTyped(event.currentTarget.value);
            setActive(0);
          }}
          onKeyDown={pressed}
        />
      </div>
      <ul id="palette-list" role="listbox" aria-label={t.nav.palette}>
        {found.map((entry, i) => (
          <li key={`${entry.group} ${entry.word}`} id={`palette-${i}`} role="option" aria-selected={i === active}
            onPointerMove={() => setActive(i)} onClick={() => run(entry)}>
            <Icon name={entry.icon} />
            <span class="word" dir="auto">{entry.word}</span>
            <span class="more">{entry.more ?? entry.group}</span>
          </li>
        ))}
      </ul>
      {!found.length && <p class="empty" role="status">{t.palette.nothing}</p>}
    </Dialog>
  );
}

function useEntries(onUnits: () => void): Entry[] {
  const { t, route, go, warehouse } = useHere();
  const stores = useStores();
  const { data: alerts } = useAlerts();
  return useMemo(() => {
    const screens: Entry[] = [
      { group: t.palette.screens, word: t.nav.overview, icon: "overview", run: () => go(to("overview")) },
      { group: t.palette.screens, word: t.nav.stock, icon: "stock", run: () => go(to("stock")) },
      { group: t.palette.screens, word: t.nav.uploads, icon: "upload", run: () => go(to("uploads")) },
    ];
    const shops = warehouse.storeNames().map((store): Entry =>
      ({ group: t.palette.stores, word: store, icon: "store", run: () => go(to("store", { store })) }));
    const items = new Map<string, Entry>();
    for (let i = 0; alerts && i < alerts.length; i++) {
      const { item, name, status } = alerts.level(i);
      const entry: Entry = { group: t.palette.items, word: name ?? item, icon: status, run: () => go({ ...route, item }) };
      if (name) entry.more = item;
      if (!items.has(item)) items.set(item, entry);
    }
    const actions: Entry[] = [
      { group: t.palette.actions, word: t.palette.units, icon: "stock", run: onUnits },
      { group: t.palette.actions, word: t.palette.refresh, icon: "clock", run: () => void warehouse.refresh() },
    ];
    return [...screens, ...shops, ...items.values(), ...actions];
  }, [t, stores.data, alerts, route]);
}
