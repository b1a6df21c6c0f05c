#!/usr/bin/env python3
"""The whole stack on this machine: the emulator, the same template, the same binaries, the dashboard.

Runs until Ctrl-C, or with --once until COMMAND ends, whose exit code it passes on. COMMAND finds in
its environment AWS_ENDPOINT_URL with root credentials, STACK_OUTPUTS (JSON), DASHBOARD_URL,
DASHBOARD_USER, DASHBOARD_PASSWORD and STACK_LOG, the emulator's log with what the functions wrote.
"""

import argparse
import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import boto3

from local.dashboard import Dashboard
from local.mapping import StreamMapping
from publish import BUILT, outputs, publish

HERE = Path(__file__).absolute().parent
STACK = "inventory-local"
REGION = "eu-central-1"
USER = "viewer@example.com"
START_SECONDS = 60
STOP_SECONDS = 10


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--dashboard", type=Path, default=BUILT, help="folder of built files")
    arguments.add_argument("--port", type=int, default=0, help="of the dashboard; any free one by default")
    arguments.add_argument("--once", nargs=argparse.REMAINDER, metavar="COMMAND", help="run COMMAND and stop")
    given = arguments.parse_args()
    if given.once == []:
        arguments.error("--once needs a COMMAND")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, _: sys.exit(128 + received))
    with stack(given.dashboard, given.port) as environment:
        if given.once:
            return run(given.once, environment)
        describe(environment)
        signal.pause()


@contextlib.contextmanager
def stack(dashboard, port):
    """Everything up, and the environment of those who use it."""
    with contextlib.ExitStack() as up, tempfile.TemporaryDirectory(prefix="inventory-stack-") as folder:
        gateway_port, port = free_port(), port or free_port()
        endpoint, url = f"http://127.0.0.1:{gateway_port}", f"http://localhost:{port}/"
        os.environ.update(
            AWS_ENDPOINT_URL=endpoint,
            AWS_ACCESS_KEY_ID="test",
            AWS_SECRET_ACCESS_KEY="test",
            AWS_DEFAULT_REGION=REGION,
            AWS_REGION=REGION,
            # Nothing of the user's own settings may lead to a real account.
            AWS_CONFIG_FILE=os.devnull,
            AWS_SHARED_CREDENTIALS_FILE=os.devnull,
            NO_PROXY="127.0.0.1,localhost",
        )
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
            os.environ.pop(name, None)
        log = Path(folder) / "emulator.log"
        up.enter_context(emulator(gateway_port, endpoint, folder, log))
        deploy(STACK, {"Stage": "local", "LocalDashboardUrl": url, "LocalEndpoint": endpoint})
        deployed = outputs(STACK)
        publish(dashboard, deployed, endpoint)
        password = create_user(deployed["UserPoolId"])
        up.enter_context(StreamMapping(deployed["CheckStockName"]))
        distribution = deployed["DashboardUrl"].split("/")[2]
        up.enter_context(Dashboard(port, gateway_port, distribution))
        yield {
            **os.environ,
            "STACK_OUTPUTS": json.dumps(deployed),
            "STACK_LOG": str(log),
            "DASHBOARD_URL": url,
            "DASHBOARD_USER": USER,
            "DASHBOARD_PASSWORD": password,
        }


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def emulator(port, endpoint, folder, log):
    environment = {
        **os.environ,
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": REGION,
        "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "0.2",
        # What Lambda tells a function whose LoggingConfig says so; the functions inherit it.
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "STATE_DIR": folder,
        "TMPDIR": folder,
    }
    with log.open("wb") as out:
        # A session of its own: Ctrl-C must not reach it before the rest is done with it.
        process = subprocess.Popen(
            [sys.executable, HERE / "local" / "gateway.py"],
            env=environment, stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
        )
    try:
        await_health(process, endpoint, log)
        yield
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        # The functions it started are of its group.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def await_health(process, endpoint, log):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            urllib.request.urlopen(f"{endpoint}/_ministack/health", timeout=5).close()
            return
        time.sleep(0.05)
    sys.exit(f"the emulator did not start:\n{log.read_text()[-2000:]}")


def deploy(name, parameters):
    # LITE, because the emulator does not know the branding that managed login needs.
    quick = {"DeletionProtection": "false", "UserPoolTier": "LITE", "NoticeDelaySeconds": "1"}
    done = subprocess.run(
        [
            Path(sys.executable).parent / "sam", "deploy", "--config-env", "local", "--no-progressbar",
            "--stack-name", name,
            "--parameter-overrides", *(f"{name}={value}" for name, value in {**quick, **parameters}.items()),
        ],
        cwd=HERE,
        env={**os.environ, "SAM_CLI_TELEMETRY": "0", "SAM_CLI_POLL_DELAY": "0.1"},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )
    if done.returncode:
        sys.exit(f"sam deploy failed:\n{done.stdout}")


def create_user(pool):
    cognito = boto3.client("cognito-idp")
    password = secrets.token_urlsafe(12) + "aA1"
    cognito.admin_create_user(
        UserPoolId=pool,
        Username=USER,
        MessageAction="SUPPRESS",
        UserAttributes=[{"Name": "email", "Value": USER}, {"Name": "email_verified", "Value": "true"}],
    )
    cognito.admin_set_user_password(UserPoolId=pool, Username=USER, Password=password, Permanent=True)
    cognito.admin_add_user_to_group(UserPoolId=pool, Username=USER, GroupName="viewers")
    return password


def run(command, environment):
    code = subprocess.run(command, env=environment).returncode
    if code:
        # After what the command said of its failure nothing long may come.
        kept = shutil.copy(environment["STACK_LOG"], Path(tempfile.gettempdir()) / "inventory-stack.log")
        print(f"{command[0]} failed; the emulator's log is kept in {kept}", file=sys.stderr)
    return code


def describe(environment):
    deployed = json.loads(environment["STACK_OUTPUTS"])
    print(
        f"dashboard  {environment['DASHBOARD_URL']}\n"
        f"user       {environment['DASHBOARD_USER']}\n"
        f"password   {environment['DASHBOARD_PASSWORD']}\n"
        f"uploads    s3://{deployed['UploadsBucketName']}/stores/<store>/\n"
        f"AWS        {environment['AWS_ENDPOINT_URL']}, key and secret test\n"
        f"log        {environment['STACK_LOG']}\n"
        "Ctrl-C stops it all",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
