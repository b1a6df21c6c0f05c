import { expect, test } from "vitest";
import { LANGUAGES, type Language } from "../preferences.ts";
import { copyIn } from "./index.ts";

/** Every text, by the path to it; a function is called. */
function texts(copy: object, path = ""): [string, string][] {
  return Object.entries(copy).flatMap(([name, value]): [string, string][] => {
    if (typeof value === "string") return [[path + name, value]];
    if (typeof value === "function") return [[path + name, value.length === 2 && isPlural(value) ? value(2, "2") : value("2", "3")]];
    return texts(value, `${path}${name}.`);
  });
}

const isPlural = (value: (n: number, text: string) => string) => !value(1, "x").includes("1");

test.each(Object.keys(LANGUAGES) as Language[])("%s says everything, and each thing once", async (language) => {
  const english = texts(await copyIn("en"));
  const said = texts(await copyIn(language));
  expect(said.map(([path]) => path).sort()).toEqual(english.map(([path]) => path).sort());
  expect(said.filter(([, text]) => !text.trim() || text.includes("undefined"))).toEqual([]);
  if (language !== "en") {
    const same = said.filter(([path, text]) => text.length > 14 && text === english.find(([known]) => known === path)?.[1]);
    expect(same).toEqual([]);
  }
});
