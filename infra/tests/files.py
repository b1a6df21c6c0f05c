"""What a sample file says, by Python's own csv module: an opinion that is not the loader's."""

import csv
from decimal import Decimal, InvalidOperation

from deployment import DATA

FORMATS = DATA.parent / "formats"

STORES = {
    "oslo": "Oslo Grünerløkka",
    "lyon": "Lyon Bellecour",
    "kyoto": "京都四条",
    "sao-paulo": "São Paulo Pinheiros",
    "nairobi": "Nairobi Westlands",
    "chicago": "Chicago Wicker Park",
}
DAYS = ["2026-11-02", "2026-11-03"]


def export(name):
    """A file as a till or a spreadsheet exports it."""
    return (FORMATS / name).read_bytes()


def levels(name):
    """What the file is to come to, by store and item: the count and the reorder point, if any."""
    stores = {}
    with (FORMATS / name).with_suffix(".levels").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            reorder_point = Decimal(row["reorder_point"]) if row["reorder_point"] else None
            stores.setdefault(row["store"], {})[row["item"]] = (Decimal(row["count"]), reorder_point)
    return stores


def path(day, store):
    return DATA / day / f"{store}.csv"


def counts(day, store):
    """Count by item of the good rows; of an item that is there twice, the last."""
    with path(day, store).open(encoding="utf-8-sig", newline="") as file:
        header, *rows = [row for row in csv.reader(file) if row]
    names = [name.lower() for name in header]
    cells = [dict(zip(names, row)) for row in rows if len(row) <= len(names)]
    return {row["item"]: Decimal(row["count"]) for row in cells if is_good(row)}


def is_good(row):
    try:
        digits = -Decimal(row.get("count", "")).as_tuple().exponent
    except InvalidOperation:
        return False
    return digits <= 5 and all(row[name].strip() for name in ("store", "item"))


def csv_of(counts, **columns):
    """A file of items and counts, the columns with the same value in each row."""
    header = ",".join([*columns, "item", "count"])
    rows = (",".join([*columns.values(), item, str(count)]) for item, count in counts.items())
    return "\n".join([header, *rows]) + "\n"
