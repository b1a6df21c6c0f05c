import type { Attributes } from "../src/data/columns.ts";
import { put, putAll } from "./stack.ts";

/** A chain of shops as it could be on a Tuesday; the same at every run, but for the time of day. */
const CITIES = [
  "Amsterdam Jordaan", "Athens Plaka", "Barcelona Gràcia", "Berlin Kreuzberg", "Bogotá Chapinero", "Cape Town Gardens", "Copenhagen Nørrebro",
  "Dublin Liberties", "Edinburgh Leith", "Helsinki Kallio", "Istanbul Kadıköy", "Lagos Ikoyi", "Lisbon Alfama", "London Hackney",
  "Lyon Bellecour", "Melbourne Fitzroy", "México Roma Norte", "Montréal Mile End", "Oslo Grünerløkka", "Prague Vinohrady", "Reykjavík Laugavegur",
  "São Paulo Pinheiros", "Seoul Seongsu", "Tokyo Kichijoji", "Toronto Leslieville", "Warsaw Praga",
];
const GOODS: [string, string][] = [
  ["TEA-SEN-100", "Sencha first flush, 100 g"], ["TEA-EGR-050", "Earl Grey loose leaf, 50 g"], ["TEA-ROO-100", "Rooibos organic, 100 g"],
  ["COF-YIR-250", "Yirgacheffe whole bean, 250 g"], ["COF-HUI-1000", "Huila espresso, 1 kg"], ["COF-DEC-250", "Swiss Water decaf, 250 g"],
  ["MUG-STO-35", "Stoneware mug 35 cl, chalk"], ["MUG-ENA-30", "Enamel mug 30 cl, navy"], ["POT-GLS-08", "Glass teapot 0.8 l"],
  ["KET-GSN-09", "Gooseneck kettle 0.9 l"], ["FLT-V60-02", "Paper filters 02, 100 pack"], ["GRD-HND-01", "Hand grinder, steel burr"],
  ["CHO-D70-80", "Dark chocolate 70 %, 80 g"], ["CHO-MLK-80", "Milk chocolate with sea salt, 80 g"], ["HON-ACA-250", "Acacia honey, 250 g"],
  ["JAM-APR-220", "Apricot jam, 220 g"], ["BIS-SHO-150", "Shortbread fingers, 150 g"], ["OIL-EVO-500", "Olive oil extra virgin, 500 ml"],
  ["SLT-FLR-125", "Fleur de sel, 125 g"], ["PEP-TEL-050", "Tellicherry pepper, 50 g"], ["SAF-LAM-001", "Saffron threads, 1 g"],
  ["RIC-ARB-1000", "Arborio rice, 1 kg"], ["PAS-ORE-500", "Orecchiette, 500 g"], ["TOM-SMZ-400", "San Marzano tomatoes, 400 g"],
  ["CHE-COM-KG", "Comté 18 months, per kg"], ["CHE-MAN-KG", "Manchego curado, per kg"], ["CAN-BEE-20", "Beeswax candle, 20 cm"],
  ["SOA-OLV-100", "Olive soap, 100 g"], ["TWL-LIN-50", "Linen tea towel"], ["APR-DEN-01", "Denim apron"],
];
export const STALE = "Reykjavík Laugavegur";
export const MANAGED = "Lyon Bellecour";
/** Written by somebody else: no status, no version, no name. */
export const FOREIGN = "FOREIGN-1";
export const EXACT = "12345678901234.54321";

const HOUR = 3_600_000;

export default async function seed(): Promise<void> {
  const now = Date.now();
  const random = generator(7);
  const inventory: Attributes[] = [];
  for (const [s, store] of CITIES.entries()) {
    const pressure = 0.02 + ((s * 7) % 11) / 60;
    const uploaded = store === STALE ? now - 75 * HOUR : now - (0.2 + random() * 20) * HOUR;
    const version = `${new Date(uploaded).toISOString()}/00${s}`;
    for (const [g, [item, name]] of GOODS.entries()) {
      const reorder = 4 + (g % 5) * 3;
      const dice = random();
      const count = dice < pressure ? (dice < pressure / 9 ? -2 : 0) : dice < pressure * 2.2 ? 1 + Math.floor(random() * reorder) : reorder + 1 + Math.floor(random() * 90);
      const text = item.endsWith("KG") && count > 0 ? `${count}.${100 + Math.floor(random() * 900)}` : String(count);
      const changed = `${new Date(uploaded - random() * 60 * HOUR).toISOString()}/00${s}`;
      inventory.push(row(store, item, text, String(reorder), name, changed));
    }
    const rejected = s % 6 === 2 ? 3 : 0;
    const receiptOf = (written: number) =>
      ({ read: 30 + rejected, accepted: 30, rejected, duplicates: 0, levels: 30, written, unchanged: 30 - written, superseded: 0 });
    const upload = s % 9 === 4 ? uploadRow(store, version, "unchanged", receiptOf(0), uploaded) : uploadRow(store, version, "applied", receiptOf(6), uploaded);
    await put("StoresTable", upload);
    await put("UploadsTable", upload);
    const earlier = new Date(uploaded - 24 * HOUR);
    await put("UploadsTable", uploadRow(store, `${earlier.toISOString()}/0`, s % 5 ? "applied" : "refused", s % 5 ? receiptOf(6) : undefined, earlier.getTime()));
  }
  inventory.push({ Store: { S: MANAGED }, Item: { S: FOREIGN }, Count: { N: "-3" } });
  inventory.push({ Store: { S: MANAGED }, Item: { S: "FOREIGN-2" }, Count: { N: EXACT } });
  await putAll("InventoryTable", inventory);
}

function row(store: string, item: string, count: string, reorder: string, name: string, version: string): Attributes {
  const status = Number(count) <= 0 ? "out" : Number(count) <= Number(reorder) ? "low" : undefined;
  return {
    Store: { S: store }, Item: { S: item }, Count: { N: count }, ReorderPoint: { N: reorder }, Name: { S: name }, Version: { S: version },
    ...(status ? { Status: { S: status }, AlertShard: { S: String((store.length + item.length) % 8) } } : {}),
  };
}

function uploadRow(store: string, version: string, outcome: string, receipt: Record<string, number> | undefined, uploaded: number): Attributes {
  const rejects = Array.from({ length: receipt?.["rejected"] ?? 0 }, (_, i) => ({
    M: { Line: { N: String(7 + i * 11) }, Column: { N: "3" }, Value: { S: ["twelve", "1,5", "n/a"][i % 3] as string }, Reason: { S: "count is not a number" } },
  }));
  return {
    Store: { S: store }, Version: { S: version }, Bucket: { S: "uploads" }, Key: { S: `stores/${store}/stock.csv` },
    ObjectVersion: { S: version.slice(-12) }, Uploaded: { S: new Date(uploaded).toISOString() }, Outcome: { S: outcome },
    ...(outcome === "refused" ? { Reason: { S: 'no column is named "count": name the columns in the first line' } } : {}),
    ...(receipt ? { Receipt: { M: Object.fromEntries(Object.entries(receipt).map(([name, n]) => [name, { N: String(n) }])) } } : {}),
    Rejects: { L: rejects },
  } as Attributes;
}

function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}
