#!/usr/bin/env python3
"""Measures the cold init of the two Lambda binaries beside the lab's Python handlers.

Init is what passes from the spawn of the process to its first poll of Lambda's Runtime API, which a
socket on the loopback plays, less what it waited for a CPU that other processes had: nothing on an idle
machine; "wall" is the time with it. Each run is a new process with the environment that Lambda gives, and
Rust and Python take turns. Fails if a Rust median is over its limit.
"""

import argparse
import contextlib
import io
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from statistics import median, quantiles

HERE = Path(__file__).absolute().parent
ROOT = HERE.parent.parent
PEER = HERE / ".venv"
FUNCTIONS = ("load-inventory", "check-stock")
LIMITS = {"init_ms": 15, "resident_mb": 16, "zip_mb": 6}
TIMEOUT_SECONDS = 30
MEGABYTE = 1_000_000


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--runs", type=int, default=30, help="processes of each; 30 by default")
    arguments.add_argument("--json", action="store_true", help="print JSON in place of the table")
    arguments.add_argument(
        "--lambda-dir", type=Path, default=ROOT / "target" / "lambda", help="where the zips are; target/lambda by default"
    )
    given = arguments.parse_args()
    if given.runs < 2:
        arguments.error("--runs needs at least 2")
    install_peer()
    with tempfile.TemporaryDirectory(prefix="inventory-init-") as folder:
        results = [measure(function, given.lambda_dir, Path(folder), given.runs) for function in FUNCTIONS]
    over = [
        {"function": result["function"], "measure": name, "found": round(result["rust"][name], 2), "limit": limit}
        for result in results
        for name, limit in LIMITS.items()
        if result["rust"][name] > limit
    ]
    if given.json:
        print(json.dumps({"runs": given.runs, "limits": LIMITS, "results": results, "over": over}, indent=2))
    else:
        print(table(results, given.runs))
    for miss in over:
        print("{function}: {measure} is {found}, over the limit of {limit}".format(**miss), file=sys.stderr)
    return 1 if over else 0


def install_peer():
    """A virtual environment with the peer's SDK, made anew whenever the pins differ from its own."""
    wanted, stamp = HERE / "requirements.txt", PEER / "requirements.txt"
    if stamp.exists() and stamp.read_text() == wanted.read_text():
        return
    subprocess.run([sys.executable, "-m", "venv", "--clear", PEER], check=True)
    pip = [PEER / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    subprocess.run([*pip, "--requirement", wanted], check=True)
    stamp.write_text(wanted.read_text())


def measure(function, lambda_dir, folder, runs):
    rust, rust_zip = unpacked(lambda_dir / function / "bootstrap.zip", folder / function)
    module = function.replace("-", "_")
    python = [PEER / "bin" / "python", "-B", HERE / "lab" / "bootstrap.py"]
    sides = {"rust": ([rust], rust_zip), "python": (python, zipped(HERE / "lab" / f"{module}.py"))}
    samples = {side: [] for side in sides}
    # The first of each only brings its files into memory.
    for _ in range(runs + 1):
        for side, (command, _) in sides.items():
            samples[side].append(first_poll(command, function, f"{module}.handle"))
    result = {side: summary(samples[side][1:], sides[side][1]) for side in sides}
    ratio = {name: result["python"][name] / result["rust"][name] for name in ("init_ms", "wall_ms", "cpu_ms", "resident_mb")}
    return {"function": function, **result, "ratio": ratio}


def unpacked(packed, folder):
    """The binary of a function, and how many bytes its zip has."""
    if not packed.exists():
        sys.exit(f"{packed} is not there; make functions builds it")
    with zipfile.ZipFile(packed) as archive:
        binary = Path(archive.extract("bootstrap", folder))
    binary.chmod(0o755)
    return binary, packed.stat().st_size


def zipped(file):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(file, file.name)
    return packed.tell()


def first_poll(command, function, handler):
    """Starts a process, waits until it polls, and ends it: what it took."""
    with socket.create_server(("127.0.0.1", 0)) as api, tempfile.TemporaryFile() as said:
        # Only a request wakes this process, which would take the CPU from the other if a connection did.
        api.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, TIMEOUT_SECONDS)
        api.settimeout(TIMEOUT_SECONDS)
        environment = lambda_environment(function, handler, "127.0.0.1:%d" % api.getsockname()[1])
        start = time.perf_counter()
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        try:
            connection, _ = api.accept()
            with connection:
                stop = time.perf_counter()
                waited = waiting(process.pid)
                connection.settimeout(TIMEOUT_SECONDS)
                request = connection.recv(65536)
                if not request.startswith(b"GET /2018-06-01/runtime/invocation/next "):
                    raise OSError(f"it asked for {request[:200]!r}")
                wall = (stop - start) * 1e3
                return {
                    "init_ms": wall - waited,
                    "wall_ms": wall,
                    "cpu_ms": on_cpu(process.pid),
                    "resident_mb": resident(process.pid),
                }
        except OSError as error:
            said.seek(0)
            sys.exit(f"{command[0]} did not poll: {error}\n{said.read().decode(errors='replace')[-2000:]}")
        finally:
            process.kill()
            process.wait()


def lambda_environment(function, handler, api):
    region, account = "eu-central-1", "123456789012"
    return {
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_DEFAULT_REGION": region,
        "AWS_EXECUTION_ENV": "AWS_Lambda_provided.al2023",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_FUNCTION_NAME": f"{function}-dev",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function}-dev",
        "AWS_LAMBDA_LOG_LEVEL": "INFO",
        "AWS_LAMBDA_LOG_STREAM_NAME": "2026/11/03/[$LATEST]0123456789abcdef0123456789abcdef",
        "AWS_LAMBDA_RUNTIME_API": api,
        "AWS_REGION": region,
        "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "AWS_SESSION_TOKEN": "example",
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
        "LAMBDA_TASK_ROOT": "/var/task",
        "LANG": "en_US.UTF-8",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "TZ": ":UTC",
        "_HANDLER": handler,
        # What the template sets.
        "DASHBOARD_URL": "https://example.cloudfront.net/",
        "HOURS_WITHOUT_UPLOAD": "26",
        "INVENTORY_TABLE": "Inventory-dev",
        "METRICS_NAMESPACE": "Inventory/dev",
        "RECEIPTS_BUCKET": f"inventory-dev-receipts-{account}-{region}",
        "RUST_LOG": "info",
        "STORES_TABLE": "Stores-dev",
        "TOPIC_ARN": f"arn:aws:sns:{region}:{account}:stock-notices-dev",
        "UPLOADS_TABLE": "Uploads-dev",
        "NOTICES_TABLE": "Notices-dev",
    }


def resident(pid, size="VmRSS"):
    status = Path(f"/proc/{pid}/status").read_text()
    (kilobytes,) = (line.split()[1] for line in status.splitlines() if line.startswith(f"{size}:"))
    return int(kilobytes) * 1024 / MEGABYTE


def waiting(pid):
    """Milliseconds that a process's first thread was ready to run and did not."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e6


def on_cpu(pid):
    """Milliseconds that a process's threads ran."""
    ran = 0
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError):
            ran += int((thread / "schedstat").read_text().split()[0])
    return ran / 1e6


def summary(samples, zip_bytes):
    init = [sample["init_ms"] for sample in samples]
    return {
        "init_ms": median(init),
        "init_ms_least": min(init),
        "init_ms_p90": quantiles(init, n=10, method="inclusive")[-1],
        "wall_ms": median(sample["wall_ms"] for sample in samples),
        "cpu_ms": median(sample["cpu_ms"] for sample in samples),
        "resident_mb": median(sample["resident_mb"] for sample in samples),
        "zip_mb": zip_bytes / MEGABYTE,
    }


def table(results, runs):
    lines = [
        f"Cold init, spawn to first poll, median of {runs} processes each; MB of {MEGABYTE:,} bytes",
        f"{'function':<15} {'':<7} {'init ms':>8} {'least':>7} {'p90':>7} {'wall ms':>8} {'CPU ms':>7} {'MB':>6} {'zip MB':>7}",
    ]
    for result in results:
        for side in ("rust", "python"):
            of = result[side]
            lines.append(
                f"{result['function']:<15} {side:<7} {of['init_ms']:8.1f} {of['init_ms_least']:7.1f}"
                f" {of['init_ms_p90']:7.1f} {of['wall_ms']:8.1f} {of['cpu_ms']:7.1f}"
                f" {of['resident_mb']:6.1f} {of['zip_mb']:7.2f}"
            )
        ratio = result["ratio"]
        lines.append(
            f"{'':<15} {'ratio':<7} {ratio['init_ms']:8.1f} {'':>15} {ratio['wall_ms']:8.1f} {ratio['cpu_ms']:7.1f} {ratio['resident_mb']:6.1f}"
        )
    limits = LIMITS["init_ms"], LIMITS["resident_mb"], LIMITS["zip_mb"]
    lines.append("{:<15} {:<7} {:8.1f} {:>32} {:6.1f} {:7.2f}".format("limits", "rust", limits[0], "", *limits[1:]))
    lines.append("Python's zip is the handler alone: boto3 comes with Lambda's runtime.")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
