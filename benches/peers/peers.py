"""One job, done once by one peer; prints what it took and what it found.

peers.py duckdb|polars|pandas parse|transitions THREADS FILE [FILE]
"""

import json
import os
import sys
import time

TYPES = {"store": "VARCHAR", "item": "VARCHAR", "count": "BIGINT"}


def duckdb(job, threads, files):
    import duckdb

    connection = duckdb.connect(config={"threads": threads})

    def table(file):
        return f"read_csv('{file}', header=true, delim=',', types={TYPES})"

    def run():
        if job == "parse":
            (rows, total, *_), = connection.execute(
                "select count(*), sum(count), sum(strlen(store)), sum(strlen(item)) from " + table(files[0])
            ).fetchall()
            return rows, total
        (found,) = connection.execute(
            "select count(*), coalesce(sum(strlen(item)), 0) from "
            "(select item, case when count <= 0 and coalesce(was, 1) > 0 then 'sold out' "
            "when count > 0 and was <= 0 then 'back in stock' end as kind from "
            f"(select store, item, count from {table(files[1])}) a "
            f"left join (select store, item, count as was from {table(files[0])}) b using (store, item)) "
            "where kind is not null"
        ).fetchall()
        return found

    return duckdb.__version__, run


def polars(job, threads, files):
    os.environ["POLARS_MAX_THREADS"] = str(threads)
    import polars

    overrides = {"store": polars.String, "item": polars.String, "count": polars.Int64}

    def table(file):
        return polars.scan_csv(file, schema_overrides=overrides).select("store", "item", "count")

    def run():
        if job == "parse":
            columns = ["store", "item", "count"]
            rows = polars.read_csv(files[0], columns=columns, schema_overrides=overrides)
            return len(rows), rows["count"].sum()
        before = table(files[0]).rename({"count": "was"})
        joined = table(files[1]).join(before, on=["store", "item"], how="left")
        count, was = polars.col("count"), polars.col("was")
        kind = (
            polars.when((count <= 0) & (was.fill_null(1) > 0))
            .then(polars.lit("sold out"))
            .when((count > 0) & (was <= 0))
            .then(polars.lit("back in stock"))
        )
        found = joined.with_columns(kind.alias("kind")).filter(polars.col("kind").is_not_null())
        return found.select(polars.len(), polars.col("item").str.len_bytes().sum()).collect().row(0)

    return polars.__version__, run


def pandas(job, threads, files):
    import pandas

    def table(file):
        encoding = "shift_jis" if "shift-jis" in file else "utf-8"
        types = {"store": str, "item": str, "count": "int64"}
        return pandas.read_csv(file, usecols=list(types), dtype=types, encoding=encoding)

    def run():
        if job == "parse":
            rows = table(files[0])
            return len(rows), int(rows["count"].sum())
        before, after = (table(file) for file in files)
        joined = after.merge(before, on=["store", "item"], how="left", suffixes=("", "_was"))
        count, was = joined["count"], joined["count_was"]
        found = joined[((count <= 0) & (was.fillna(1) > 0)) | ((count > 0) & (was <= 0))]
        return len(found), int(found["item"].str.len().sum())

    return pandas.__version__, run


def peak_mb():
    with open("/proc/self/status") as status:
        kilobytes = next(line for line in status if line.startswith("VmHWM:")).split()[1]
    return int(kilobytes) * 1024 / 1e6


def main():
    peer, job, threads, *files = sys.argv[1:]
    version, run = {"duckdb": duckdb, "polars": polars, "pandas": pandas}[peer](job, int(threads), files)
    start = time.perf_counter()
    answer = run()
    seconds = time.perf_counter() - start
    answer = " ".join(str(int(number)) for number in answer)
    print(json.dumps({"seconds": seconds, "mb": peak_mb(), "answer": answer, "version": version}))


main()
