#!/usr/bin/env python3
"""Measures what Lambda would bill for loads: the real function beside the lab's in Python.

Each run starts a function as Lambda does and hands it three events of one store's uploads: its first, the
same again, and one in which 2 % of the rows differ. S3 and DynamoDB are the embedded ones, a process on
another CPU. Writes benches/LAMBDA.md.

The CPU's share is a model: Lambda gives 1,769 MB one CPU and less memory its part of one, so a load takes
what it takes here on one CPU, or its CPU time over that part, whichever is longer.
"""

import argparse
import json
import os
import queue
import subprocess
import sys
import tempfile
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from threading import Thread

from init import HERE, MEGABYTE, PEER, ROOT, install_peer, lambda_environment, on_cpu, resident, unpacked, waiting

FUNCTION = "load-inventory"
MEMORY = (128, 512, 1769)
WHOLE_CPU = 1769
BENCH = ("--profile", "release", "--package", "inventory-benches", "--features", "embedded")
STORE = "Oslo"
UPLOADS = {"first": False, "same again": False, "2 % changed": True}
TIMEOUT_SECONDS = 300


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--runs", type=int, default=3, help="processes of each; 3 by default")
    arguments.add_argument("--rows", type=int, default=10_000, help="rows of the store; 10,000 by default")
    arguments.add_argument("--test", action="store_true", help="only see that it works: few rows, once, writing nothing")
    arguments.add_argument(
        "--lambda-dir", type=Path, default=ROOT / "target" / "lambda", help="where the zips are; target/lambda by default"
    )
    given = arguments.parse_args()
    if given.test:
        given.rows, given.runs = 200, 1
    install_peer()
    with tempfile.TemporaryDirectory(prefix="inventory-loads-") as folder:
        folder = Path(folder)
        rust, _ = unpacked(given.lambda_dir / FUNCTION / "bootstrap.zip", folder)
        sides = {"ours": [rust], "Python": [PEER / "bin" / "python", "-B", HERE / "lab" / "bootstrap.py"]}
        runs = {side: [] for side in sides}
        for turn in range(given.runs):
            for side, command in sides.items():
                print(f"{side}, run {turn + 1} of {given.runs}", file=sys.stderr)
                with Served(folder / f"{side}-{turn}", given) as served:
                    runs[side].append(run(command, served))
    text = report(runs, given)
    if given.test:
        return
    print(text)
    (HERE.parent / "LAMBDA.md").write_text(text)


class Served:
    """The embedded S3 and DynamoDB, with the uploads in their bucket."""

    def __init__(self, folder, given):
        self.folder, self.rows = folder, given.rows
        # What `make test` and `make bench` have built already.
        built = ["test", "--workspace", "--all-features"] if given.test else ["bench", *BENCH]
        self.command = ["cargo", *built, "--quiet", "--locked", "--bench", "load", "--", "--serve", folder, "0"]

    def __enter__(self):
        self.process = subprocess.Popen(
            self.command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=lambda: pin(last=True)
        )
        self.environment = json.loads(self.process.stdout.readline())
        for upload, is_changed in UPLOADS.items():
            object = self.folder / "s3" / "uploads" / key(upload)
            object.parent.mkdir(parents=True, exist_ok=True)
            object.write_text(file(self.rows, is_changed))
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()

    def rows_of(self, upload):
        """What the table has to hold after an upload."""
        return self.rows, sum(count(row, UPLOADS[upload]) for row in range(self.rows))


def pin(last):
    """Keeps a process to one CPU, so that ours and the servers are not on the same."""
    cpus = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cpus[-1 if last else 0]})


def key(upload):
    return f"stores/{STORE}/{list(UPLOADS).index(upload)}.csv"


def count(row, is_changed):
    return row * 7 % 50 + (1_000 if is_changed and row % 50 == 1 else 0)


def file(rows, is_changed):
    lines = (f"{STORE},70{row:011},{count(row, is_changed)}\n" for row in range(rows))
    return "store,item,count\n" + "".join(lines)


class Api(BaseHTTPRequestHandler):
    """Lambda's Runtime API: hands out events, and notes the moments."""

    protocol_version = "HTTP/1.1"
    # An answer goes out as a whole and at once.
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self):
        self.server.moments.put(moment(self.server.pid()))
        event = self.server.events.get()
        if event is None:
            self.close_connection = True
            return
        deadline = int((time.time() + TIMEOUT_SECONDS) * 1000)
        self.answer(200, event, {
            "Lambda-Runtime-Aws-Request-Id": "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
            "Lambda-Runtime-Deadline-Ms": str(deadline),
            "Lambda-Runtime-Invoked-Function-Arn": f"arn:aws:lambda:eu-central-1:123456789012:function:{FUNCTION}",
            "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0",
        })

    def do_POST(self):
        now = moment(self.server.pid())
        said = self.rfile.read(int(self.headers["Content-Length"] or 0)) if "Content-Length" in self.headers else b""
        if not self.path.endswith("/response"):
            now = f"{self.path}: {said.decode(errors='replace')}"
        self.server.moments.put(now)
        self.answer(202, b"", {})

    def answer(self, status, body, headers):
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def moment(pid):
    return {"wall": time.perf_counter() * 1e3, "cpu": on_cpu(pid), "waited": waiting(pid)}


def run(command, served):
    """One function's life: its start, and each event."""
    api = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    api.daemon_threads = True
    api.events, api.moments = queue.Queue(), queue.Queue()
    api.pid = lambda: process.pid
    Thread(target=api.serve_forever, daemon=True).start()
    environment = lambda_environment(FUNCTION, "load_inventory.handle", "127.0.0.1:%d" % api.server_port)
    del environment["AWS_SESSION_TOKEN"]
    environment |= served.environment | {
        "RECEIPTS_BUCKET": "receipts",
        **{f"{table.upper()}_TABLE": table for table in ("Inventory", "Stores", "Uploads", "Notices")},
    }
    with tempfile.TemporaryFile() as said:
        start = time.perf_counter() * 1e3
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said, preexec_fn=lambda: pin(last=False)
        )
        try:
            ready = api.moments.get(timeout=TIMEOUT_SECONDS)
            result = {"init": ready["wall"] - start - ready["waited"], "init MB": resident(process.pid)}
            for order, upload in enumerate(UPLOADS):
                put = json.dumps(event(upload, order, served.rows)).encode()
                before = moment(process.pid)
                api.events.put(put)
                after = api.moments.get(timeout=TIMEOUT_SECONDS)
                if isinstance(after, str):
                    raise OSError(after)
                waited = after["waited"] - before["waited"]
                result[upload] = {"wall": after["wall"] - before["wall"] - waited, "cpu": after["cpu"] - before["cpu"]}
                api.moments.get(timeout=TIMEOUT_SECONDS)  # It polls again.
                check(served, upload)
            result["most MB"] = resident(process.pid, "VmHWM")
            return result
        except (OSError, queue.Empty) as error:
            said.seek(0)
            sys.exit(f"{command[0]} did not load: {error}\n{said.read().decode(errors='replace')[-3000:]}")
        finally:
            process.kill()
            process.wait()
            api.events.put(None)
            api.shutdown()
            api.server_close()


def event(upload, order, rows):
    return {"Records": [{
        "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "eu-central-1",
        "eventTime": f"2026-11-02T06:00:0{order}.000Z", "eventName": "ObjectCreated:Put",
        "userIdentity": {}, "requestParameters": {}, "responseElements": {},
        "s3": {"bucket": {"name": "uploads", "ownerIdentity": {}},
               "object": {"key": key(upload), "size": len(file(rows, UPLOADS[upload])), "sequencer": f"0{order}"}},
    }]}


def check(served, upload):
    """Both have to come to the same table."""
    total = "import boto3; rows = [row for page in boto3.client('dynamodb').get_paginator('scan').paginate(" \
        "TableName='Inventory') for row in page['Items']]; print(len(rows), sum(int(row['Count']['N']) for row in rows))"
    said = subprocess.run([PEER / "bin" / "python", "-c", total], env={**os.environ, **served.environment}, check=True,
                          capture_output=True, text=True).stdout
    if tuple(map(int, said.split())) != served.rows_of(upload):
        raise OSError(f"the table holds {said.strip()} after {upload}, not {served.rows_of(upload)}")


def billed(loads, memory):
    share = memory / WHOLE_CPU
    return median(max(load["wall"], load["cpu"] / share) for load in loads)


def report(runs, given):
    lines = [
        "# What Lambda bills",
        "",
        "Written by `make bench`.",
        "",
        f"Machine: {machine()}. Peer: Python {sys.version.split()[0]}, {boto3()}, one put a row as in the lab.",
        "",
        "## Start",
        "",
        "| | init ms | resident MB | most resident MB after the loads |",
        "|---|---|---|---|",
    ]
    for side, of in runs.items():
        numbers = (median(run[name] for run in of) for name in ("init", "init MB", "most MB"))
        lines.append(f"| {side} | " + " | ".join(f"{number:.1f}" for number in numbers) + " |")
    lines += [
        "",
        f"## Loads of a store with {given.rows:,} rows, warm, milliseconds",
        "",
        "| upload | memory MB | ours | Python | Python / ours |",
        "|---|---|---|---|---|",
    ]
    for upload in UPLOADS:
        for memory in MEMORY:
            ours, peer = (billed([run[upload] for run in runs[side]], memory) for side in ("ours", "Python"))
            lines.append(f"| {upload} | {memory:,} | {ours:,.0f} | {peer:,.0f} | {peer / ours:.1f} |")
    lines += ["", "As measured, on one CPU:", "", "| upload | ours ms | of it CPU | Python ms | of it CPU |", "|---|---|---|---|---|"]
    for upload in UPLOADS:
        numbers = (median(run[upload][name] for run in runs[side]) for side in ("ours", "Python") for name in ("wall", "cpu"))
        lines.append(f"| {upload} | " + " | ".join(f"{number:,.0f}" for number in numbers) + " |")
    return "\n".join(lines) + "\n\n" + (HERE / "NOTES.md").read_text()


def machine():
    cpu = next((line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), "")
    return f"{cpu} × {os.cpu_count()}"


def boto3():
    (pin,) = (line for line in (HERE / "requirements.txt").read_text().splitlines() if line.startswith("boto3=="))
    return pin.replace("==", " ")


if __name__ == "__main__":
    main()
