import { useEffect } from "preact/hooks";
import type { Screen } from "./url.ts";

type Actions = {
  palette(): void;
  help(): void;
  units(): void;
  go(screen: Screen): void;
  close(): void;
};

const GO: Record<string, Screen> = { o: "overview", s: "stock", u: "uploads" };
/** After a `g` the next key says where to. */
const PATIENCE = 1500;

/** Keys that do something anywhere. Single ones not while somebody types, and not if they are off. */
export function useShortcuts(singleKeys: boolean, actions: Actions): void {
  useEffect(() => {
    let gone = 0;
    const pressed = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        return actions.palette();
      }
      const target = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
      if (event.key === "Escape") return actions.close();
      if (!singleKeys || target.closest("input, select, textarea")) return;
      const screen = event.timeStamp - gone < PATIENCE ? GO[event.key] : undefined;
      gone = event.key === "g" ? event.timeStamp : 0;
      if (screen) return actions.go(screen);
      if (event.key === "/") {
        event.preventDefault();
        document.querySelector<HTMLInputElement>("main input[type=search]")?.focus();
      } else if (event.key === "?") actions.help();
      else if (event.key === "~") actions.units();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  });
}
