import { expect, test } from "vitest";
import { fake } from "../cloud/fake.ts";
import type { Attributes } from "./columns.ts";
import { Warehouse } from "./warehouse.ts";

const level = (store: string, item: string, count: string): Attributes =>
  ({ Store: { S: store }, Item: { S: item }, Count: { N: count }, ...(Number(count) <= 0 ? { Status: { S: "out" } } : {}) });
const store = (name: string, version: string): Attributes => ({ Store: { S: name }, Version: { S: version } });

function chain() {
  const cloud = fake({
    stores: [store("Oslo", "1"), store("Lyon", "1")],
    inventory: [level("Oslo", "tea", "0"), level("Oslo", "pot", "3"), level("Lyon", "tea", "5"), level("Kyoto", "tea", "-1")],
    uploads: [store("Oslo", "1")],
  });
  return { cloud, warehouse: new Warehouse(cloud, undefined, () => 1_000) };
}

test("a question that is asked twice at once is asked once", async () => {
  const { cloud, warehouse } = chain();
  await Promise.all([warehouse.ensure(warehouse.stores), warehouse.ensure(warehouse.stores)]);
  await warehouse.ensure(warehouse.stores);
  expect(cloud.asked).toEqual(["stores"]);
  expect(warehouse.stores.answer).toMatchObject({ loading: false, at: 1_000, trouble: undefined });
});

test("stores are known by their uploads or by the index", async () => {
  const { warehouse } = chain();
  await Promise.all([warehouse.ensure(warehouse.stores), warehouse.ensure(warehouse.alerts)]);
  expect(warehouse.storeNames()).toEqual(["Kyoto", "Lyon", "Oslo"]);
  expect(warehouse.alerts.answer.data?.tally()).toMatchObject({ out: 2 });
});

test("a poll reads versions, and then only what moved", async () => {
  const { cloud, warehouse } = chain();
  await Promise.all([warehouse.ensure(warehouse.stores), warehouse.ensure(warehouse.alerts)]);
  await warehouse.load(["Oslo", "Lyon"]);
  await warehouse.ensure(warehouse.uploadsOf("Oslo"));
  cloud.asked.length = 0;
  await warehouse.poll();
  expect(cloud.asked).toEqual(["stores"]);

  cloud.tables.stores = [store("Oslo", "2"), store("Lyon", "1")];
  cloud.tables.inventory[1] = level("Oslo", "pot", "0");
  cloud.asked.length = 0;
  await warehouse.poll();
  expect(cloud.asked.filter((asked) => !asked.startsWith("alerts")).sort()).toEqual(["stock Oslo", "stores", "uploads Oslo"]);
  expect(warehouse.stockOfAll(["Oslo", "Lyon"]).data?.tally()).toMatchObject({ out: 2, ok: 1 });
});

test("what was known stays when it cannot be read again, and a poll tries once more", async () => {
  const { cloud, warehouse } = chain();
  await warehouse.load(["Oslo"]);
  await warehouse.ensure(warehouse.stores);
  cloud.troubles.stock = { kind: "throttled" };
  await warehouse.refresh();
  expect(warehouse.stockOf("Oslo").answer).toMatchObject({ loading: false, trouble: { kind: "throttled" } });
  expect(warehouse.stockOf("Oslo").answer.data?.length).toBe(2);
  delete cloud.troubles.stock;
  await warehouse.poll();
  expect(warehouse.stockOf("Oslo").answer.trouble).toBeUndefined();
});

test("stores that are read so far are shown, and how many are missing", async () => {
  const { cloud, warehouse } = chain();
  await warehouse.load(["Oslo"]);
  cloud.troubles.stock = { kind: "denied", action: "dynamodb:Query", resource: "" };
  await warehouse.load(["Lyon"]);
  expect(warehouse.stockOfAll(["Oslo", "Lyon"])).toMatchObject({ missing: 1, loading: false, trouble: { kind: "denied" } });
  expect(warehouse.stockOfAll(["Oslo", "Lyon"]).data?.length).toBe(2);
  expect(warehouse.stockOfAll(["Oslo", "Lyon"]).data).toBe(warehouse.stockOfAll(["Oslo", "Lyon"]).data);
});

test("a manager reads the own store and never the index", async () => {
  const { cloud } = chain();
  const warehouse = new Warehouse(cloud, "Oslo");
  await warehouse.ensure(warehouse.alerts);
  expect(cloud.asked).toEqual(["stock Oslo"]);
  expect(warehouse.storeNames()).toEqual(["Oslo"]);
  expect(warehouse.alerts.answer.data?.tally()).toMatchObject({ out: 1, ok: 1 });
});

test("an item is asked of every store", async () => {
  const { warehouse } = chain();
  await warehouse.ensure(warehouse.stores);
  await warehouse.ensure(warehouse.alerts);
  await warehouse.ensure(warehouse.item("tea"));
  const rows = warehouse.item("tea").answer.data;
  expect(Array.from({ length: rows?.length ?? 0 }, (_, i) => rows?.level(i).store).sort()).toEqual(["Kyoto", "Lyon", "Oslo"]);
});

test("while an item is read again, what was known of it stays whole", async () => {
  const { warehouse } = chain();
  await Promise.all([warehouse.ensure(warehouse.stores), warehouse.ensure(warehouse.alerts)]);
  await warehouse.ensure(warehouse.item("tea"));
  const lengths = new Set<number | undefined>();
  warehouse.subscribe(() => lengths.add(warehouse.item("tea").answer.data?.length));
  await warehouse.refresh();
  expect([...lengths]).toEqual([3]);
});

test("a store that cannot be asked for an item leaves the others", async () => {
  const { cloud, warehouse } = chain();
  await Promise.all([warehouse.ensure(warehouse.stores), warehouse.ensure(warehouse.alerts)]);
  const { level } = cloud;
  cloud.level = (store, item) => (store === "Kyoto" ? Promise.reject(new TypeError("Failed to fetch")) : level(store, item));
  await warehouse.ensure(warehouse.item("tea"));
  expect(warehouse.item("tea").answer).toMatchObject({ trouble: { kind: "offline" }, loading: false });
  expect(warehouse.item("tea").answer.data?.length).toBe(2);
});

test("a part of the index that fails leaves the rest", async () => {
  const { cloud, warehouse } = chain();
  const { alerts } = cloud;
  cloud.alerts = (shard) => (shard === 0 ? Promise.reject(new TypeError("Failed to fetch")) : alerts(shard));
  await warehouse.ensure(warehouse.alerts);
  expect(warehouse.alerts.answer).toMatchObject({ trouble: { kind: "offline" }, loading: false });
  expect(warehouse.alerts.answer.data?.length).toBe(1);
});
