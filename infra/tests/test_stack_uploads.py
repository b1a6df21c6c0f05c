"""From a file in the bucket to the tables and the notices."""

import csv
import gzip
import json
import time
from decimal import Decimal

import pytest

from deployment import fresh, items, query, until
from files import DAYS, STORES, counts, csv_of, export, levels, path

# Of 3 November, as examples/data/README.md has it: rejected, items, out, low.
SAMPLES = {
    "oslo": (0, 67, 5, 7),
    "lyon": (0, 63, 4, 6),
    "kyoto": (0, 66, 4, 7),
    "sao-paulo": (0, 58, 5, 6),
    "nairobi": (7, 55, 4, 8),
    "chicago": (0, 61, 7, 0),
}
SUBJECTS = {
    "oslo": "Oslo Grunerlokka: 3 sold out, 5 running low, 2 back in stock",
    "lyon": "Lyon Bellecour: 2 sold out, 3 running low, 1 back in stock",
    "kyoto": "Stock: 2 sold out, 4 running low, 2 back in stock",
    "sao-paulo": "Sao Paulo Pinheiros: 3 sold out, 3 running low, 2 back in stock",
    "nairobi": "Nairobi Westlands: 2 sold out, 5 running low, 2 back in stock",
    "chicago": "Chicago Wicker Park: 3 sold out, 2 back in stock",
}


@pytest.mark.parametrize("name", STORES)
def test_two_days_of_a_store(deployed, subscribe, name):
    store, (rejected, items, out, low) = STORES[name], SAMPLES[name]
    inbox = subscribe(store=[store])
    first, second = (path(day, name).read_bytes() for day in DAYS)

    deployed.load(f"{DAYS[0]}/{name}.csv", first, store)
    inbox.first()
    receipt = deployed.load(f"{DAYS[1]}/{name}.csv", second, store)["Receipt"]

    (before, after) = (counts(day, name) for day in DAYS)
    rows = query(deployed.inventory, store)
    assert {row["Item"]: row["Count"] for row in rows} == {**before, **after}
    assert receipt["levels"] == items == len(after)
    assert receipt["written"] + receipt["unchanged"] == receipt["levels"] and receipt["written"] < receipt["levels"]
    named = [row for row in rows if row["Item"] in after]
    assert [sum(row.get("Status") == status for row in named) for status in ("out", "low")] == [out, low]
    assert receipt["rejected"] + rejected_of_nobody(deployed, f"{DAYS[1]}/{name}.csv") == rejected
    assert inbox.first(lambda message: message["Subject"] == SUBJECTS[name])


def rejected_of_nobody(deployed, key):
    return sum(row["Receipt"]["rejected"] for row in query(deployed.uploads, "(unknown)") if row["Key"] == key)


@pytest.mark.parametrize("name, packed, skipped", [
    ("shopify-2024.csv", gzip.compress, {"Tromsø": 1}),
    ("shift-jis.csv", bytes, {}),
    ("workbook.xlsx", bytes, {}),
], ids=["gzip", "Shift-JIS", "workbook"])
def test_an_export_is_read_as_it_comes(deployed, name, packed, skipped):
    version = deployed.upload(f"exports/{name}", packed(export(name)))
    for store, expect in levels(name).items():
        receipt = deployed.receipt(store, version)["Receipt"]
        missing = skipped.get(store, 0)
        counted = [receipt[name] for name in ("read", "skipped", "rejected", "levels")]
        assert counted == [len(expect) + missing, missing, 0, len(expect)]
        rows = query(deployed.inventory, store)
        assert {row["Item"]: (row["Count"], row.get("ReorderPoint")) for row in rows} == expect


def test_bad_rows_are_told_with_their_places_and_stop_no_good_one(deployed):
    store = fresh("bad rows")
    body = f"store,item,count\n{store},tea,4\n{store},,1\n{store},jam,many\n{store},milk,0.1234567\n{store},bread,2\n"
    entry = deployed.load("bad.csv", body, store)
    assert deployed.counts(store) == {"tea": 4, "bread": 2}
    assert entry["Outcome"] == "applied"
    counted = {name: int(entry["Receipt"][name]) for name in ("read", "accepted", "rejected", "written")}
    assert counted == {"read": 5, "accepted": 2, "rejected": 3, "written": 2}
    places = [(int(reject["Line"]), int(reject["Column"]), reject["Value"]) for reject in entry["Rejects"]]
    assert places == [(3, 2, ""), (4, 3, "many"), (5, 3, "0.1234567")]
    assert all(reject["Reason"] for reject in entry["Rejects"])


def test_a_store_hears_of_its_bad_rows_once_and_finds_them_in_the_bucket(deployed, subscribe):
    store = fresh("told")
    inbox = subscribe(store=[store], kinds=["receipt"])
    entry = deployed.load(f"stores/{store}/bad.csv", "item,count\ntea,4\njam,=many\n", store)
    message = inbox.first()
    assert message["Subject"] == f"{store}: 1 row rejected"
    assert json.loads(message["MessageAttributes"]["kinds"]["Value"]) == ["receipt", "rejected"]
    document = json.loads(message["Message"])
    assert document["table"] == {"bucket": deployed.names["ReceiptsBucketName"], "key": entry["RejectsFile"]}
    assert json.loads(deployed.receipt_file(entry["ReceiptFile"])) == document
    rows = list(csv.DictReader(deployed.receipt_file(entry["RejectsFile"]).decode("utf-8-sig").splitlines()))
    assert [(row["line"], row["value"], row["row"]) for row in rows] == [("3", "'=many", "jam,=many")]

    for _ in range(2):
        deployed.deliver(deployed.event_of(entry))
    settle(deployed, subscribe)
    assert len(list(inbox)) == 1
    assert query(deployed.uploads, store) == [entry]
    assert [row["Id"] for row in query(deployed.notices, store)] == [document["id"]]


def test_a_file_that_is_not_understood_is_refused_whole_and_told(deployed, subscribe):
    store = fresh("refused")
    inbox = subscribe(store=[store], kinds=["refused"])
    entry = deployed.load(f"stores/{store}/wrong.csv", "item,price\ntea,4\n", store)
    assert entry["Outcome"] == "refused" and "count" in entry["Reason"]
    assert deployed.counts(store) == {}
    assert entry["Receipt"]["read"] == 0
    assert inbox.first()["Subject"] == f"{store}: file refused"


def test_a_stores_own_folder_needs_no_store_column(deployed):
    store = fresh("own folder")
    entry = deployed.load(f"stores/{store}/a b+ü.csv", csv_of({"tea": 4, "jam": 0}), store)
    assert deployed.counts(store) == {"tea": 4, "jam": 0}
    assert entry["Key"] == f"stores/{store}/a b+ü.csv"
    assert deployed.stores.get_item(Key={"Store": store})["Item"]["Version"] == entry["Version"]


def test_a_stores_own_folder_takes_no_rows_of_others(deployed):
    store, other = fresh("own rows"), fresh("foreign")
    body = csv_of({"tea": 4}, store=store) + f"{other},jam,9\n"
    entry = deployed.load(f"stores/{store}/both.csv", body, store)
    assert deployed.counts(store) == {"tea": 4} and deployed.counts(other) == {}
    (reject,) = entry["Rejects"]
    assert (reject["Line"], reject["Value"]) == (3, other)
    assert not query(deployed.uploads, other)


def test_elsewhere_a_file_speaks_of_any_store_and_each_gets_a_receipt(deployed):
    first, second = fresh("first"), fresh("second")
    version = deployed.upload("all.csv", f"store,item,count\n{first},tea,4\n{second},tea,5\n{second},jam,6\n")
    assert deployed.receipt(first, version)["Receipt"]["written"] == 1
    assert deployed.receipt(second, version)["Receipt"]["written"] == 2
    assert (deployed.counts(first), deployed.counts(second)) == ({"tea": 4}, {"tea": 5, "jam": 6})


def test_a_subscription_filters_by_what_happened(deployed, subscribe):
    store = fresh("kinds")
    sold_out, back = subscribe(store=[store], kinds=["sold_out"]), subscribe(store=[store], kinds=["back_in_stock"])
    deployed.load(f"stores/{store}/1.csv", csv_of({"tea": 0}), store)
    message = sold_out.first()
    assert message["Subject"] == f"{store}: 1 sold out" and items(message) == ["tea"]
    assert message["MessageAttributes"]["kinds"]["Value"] == '["sold_out"]'
    assert message["MessageAttributes"]["severity"]["Value"] == "critical"
    deployed.load(f"stores/{store}/2.csv", csv_of({"tea": 3}), store)
    assert back.first()["Subject"] == f"{store}: 1 back in stock"
    assert (len(list(sold_out)), len(list(back))) == (1, 1)


def test_a_queue_gets_a_document(deployed, subscribe):
    store = fresh("document")
    inbox = subscribe(store=[store], severity=["critical"])
    entry = deployed.load(f"stores/{store}/1.csv", csv_of({"tea": 0, "jam": -2}), store)
    document = json.loads(inbox.first()["Message"])
    assert (document["version"], document["type"], document["store"]) == (1, "stock", store)
    assert [(item["item"], item["quantity"]) for item in document["items"]] == [("jam", "-2"), ("tea", "0")]
    assert document["dashboard"].startswith("https://")
    assert entry["Version"].startswith(document["uploads"][0]["counted_at"].removesuffix("Z")[:19])
    (row,) = query(deployed.notices, store)
    assert row["Id"] == document["id"] and len(row["Causes"]) == 2


def test_a_row_that_somebody_else_wrote_is_told_of(deployed, subscribe):
    store = fresh("by hand")
    inbox = subscribe(store=[store])
    deployed.inventory.put_item(Item={"Store": store, "Item": "tea", "Count": 5})
    deployed.inventory.put_item(Item={"Store": store, "Item": "tea", "Count": -1})
    assert inbox.first()["Subject"] == f"{store}: 1 sold out"


def test_an_event_that_comes_again_changes_nothing_and_tells_nobody(deployed, subscribe):
    store = fresh("again")
    inbox = subscribe(store=[store])
    entry = deployed.load(f"stores/{store}/1.csv", csv_of({"tea": 0, "jam": 5}), store)
    inbox.first()
    rows = query(deployed.inventory, store)
    for _ in range(2):
        deployed.deliver(deployed.event_of(entry))
    assert query(deployed.inventory, store) == rows
    assert query(deployed.uploads, store) == [entry]
    settle(deployed, subscribe)
    assert len(list(inbox)) == 1


def test_an_event_that_comes_late_overwrites_nothing_newer(deployed):
    store = fresh("late")
    older = deployed.load(f"stores/{store}/1.csv", csv_of({"tea": 1, "jam": 1}), store)
    deployed.load(f"stores/{store}/2.csv", csv_of({"tea": 2}), store)
    deployed.deliver(deployed.event_of(older))
    assert deployed.counts(store) == {"tea": 2, "jam": 1}
    assert deployed.receipt(store, older["ObjectVersion"]) == older


def test_a_file_of_yesterday_that_is_uploaded_today_overwrites_nothing_newer(deployed):
    store = fresh("yesterday")
    newest = deployed.load(f"stores/{store}/2.csv", csv_of({"tea": 2}), store)
    late = deployed.load(
        f"stores/{store}/1.csv", csv_of({"tea": 1, "jam": 1}), store, as_of="2026-01-01T06:00:00Z"
    )
    assert deployed.counts(store) == {"tea": 2, "jam": 1}
    assert late["Receipt"]["superseded"] == 1
    assert deployed.stores.get_item(Key={"Store": store})["Item"]["Version"] == newest["Version"]


def test_two_uploads_whose_events_come_in_the_wrong_order_end_as_the_newer_says(deployed):
    store = fresh("swapped")
    first = deployed.load(f"stores/{store}/1.csv", csv_of({"tea": 5}), store)
    time.sleep(1.1)  # The emulator's events tell whole seconds.
    newest = deployed.load(f"stores/{store}/3.csv", csv_of({"tea": 5}), store)
    counted = first["Version"].split("/")[0]
    between = deployed.load(f"stores/{store}/2.csv", csv_of({"tea": 9, "jam": 1}), store, as_of=counted)
    assert newest["Outcome"] == "unchanged"
    assert (between["Receipt"]["superseded"], between["SupersededBy"]) == (1, newest["Version"])
    assert deployed.counts(store) == {"tea": 5, "jam": 1}


def test_ten_uploads_at_once_end_as_the_newest_says(deployed):
    store = fresh("ten")
    bodies = [csv_of({"tea": n, f"item {n}": n + 1}) for n in range(10)]
    versions = [deployed.upload(f"stores/{store}/{n}.csv", body) for n, body in enumerate(bodies)]
    receipts = [until(lambda: loaded(deployed, store, version)) for version in versions]
    newest = max(range(10), key=lambda n: receipts[n]["Version"])
    assert deployed.counts(store) == {"tea": newest, **{f"item {n}": n + 1 for n in range(10)}}


def loaded(deployed, store, version):
    """The receipt of an upload that came to its end."""
    receipt = deployed.receipt_if_any(store, version)
    return receipt if receipt and receipt["Outcome"] != "failed" else None


def test_a_dry_run_says_what_would_change_and_changes_nothing(deployed):
    store = fresh("dry run")
    deployed.load(f"stores/{store}/1.csv", csv_of({"tea": 5, "jam": 0, "oil": 1}), store)
    dry = deployed.load(f"stores/{store}/2.csv", csv_of({"tea": 0, "jam": 3, "oil": 1}), store, mode="dry-run")
    assert dry["Outcome"] == "dry-run"
    assert dry["Preview"] == {
        "changes": 2, "sold_out": 1, "running_low": 0, "back_in_stock": 1, "stocked": 2, "emptied": 1,
    }
    assert deployed.counts(store) == {"tea": 5, "jam": 0, "oil": 1}


def test_a_snapshot_empties_what_it_does_not_name(deployed):
    store = fresh("snapshot")
    deployed.load(f"stores/{store}/1.csv", csv_of({"tea": 5, "jam": 3}), store)
    receipt = deployed.load(f"stores/{store}/2.csv", csv_of({"tea": 5, "oil": 1}), store, mode="snapshot")
    assert (receipt["Receipt"]["written"], receipt["Receipt"]["absent"]) == (1, 1)
    assert deployed.counts(store) == {"tea": 5, "jam": 0, "oil": 1}


def test_an_upload_that_would_empty_a_store_waits_for_a_confirmation(deployed):
    store = fresh("guard")
    stock = {f"item {n}": 1 for n in range(30)}
    deployed.load(f"stores/{store}/1.csv", csv_of(stock), store)
    empty = csv_of(dict.fromkeys(stock, 0))
    held = deployed.load(f"stores/{store}/2.csv", empty, store)
    assert (held["Outcome"], held["Receipt"]["held"], held["Receipt"]["levels"]) == ("quarantined", 30, 30)
    assert held["Reason"] == "it would take 30 of the 30 items that there are any of to zero"
    assert deployed.counts(store) == stock
    assert deployed.load(f"stores/{store}/3.csv", empty, store, confirm="yes")["Outcome"] == "applied"
    assert deployed.counts(store) == dict.fromkeys(stock, 0)


def settle(deployed, subscribe):
    """Waits until all changes until now are checked: one more change, and its notice."""
    store = fresh("settled")
    inbox = subscribe(store=[store])
    deployed.inventory.put_item(Item={"Store": store, "Item": "tea", "Count": 0})
    inbox.first()


# How many rows the largest file has, and every how manieth item is out.
HUGE, OUT_EVERY = 100_000, 5_000


def test_a_file_of_100_000_rows(deployed, subscribe):
    """Its table is not read back: a few rows and the receipt tell, for the emulator is slow at it."""
    store = fresh("huge")
    inbox = subscribe(store=[store])
    body = csv_of({f"item-{n:06}": n % OUT_EVERY for n in range(HUGE)})
    started = time.monotonic()
    receipt = deployed.load(f"stores/{store}/huge.csv", body, store, patience=300)["Receipt"]
    print(f"{HUGE} rows were loaded in {time.monotonic() - started:.0f} s")
    assert (receipt["read"], receipt["written"], receipt["rejected"]) == (HUGE, HUGE, 0)
    for n in (0, 1, HUGE // 2 + 7, HUGE - 1):
        row = deployed.inventory.get_item(Key={"Store": store, "Item": f"item-{n:06}"})["Item"]
        assert row["Count"] == Decimal(n % OUT_EVERY)
    out = {f"item-{n:06}" for n in range(0, HUGE, OUT_EVERY)}
    until(lambda: out <= named(inbox), patience=600, pause=1)
    assert named(inbox) == out
    print(f"and told of in {time.monotonic() - started:.0f} s, in {len(inbox.arrived)} notices")


def named(inbox):
    """The items that the notices until now name."""
    return {item for message in inbox for item in items(message)}
