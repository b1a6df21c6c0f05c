"""The processes of a deployed function, which on the local stack are this machine's."""

import os
from pathlib import Path


def of_function(name, endpoint):
    """Process ids of a function of the stack at this endpoint."""
    found = []
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdigit() and (process / "cmdline").read_text().split("\0")[0].endswith("/bootstrap"):
                variables = dict(v.partition("=")[::2] for v in (process / "environ").read_text().split("\0"))
                if (variables.get("AWS_LAMBDA_FUNCTION_NAME"), variables.get("AWS_ENDPOINT_URL")) == (name, endpoint):
                    found.append(int(process.name))
        except OSError:
            # It ended meanwhile, or is another user's.
            continue
    return found


def kill(pids, signal):
    for pid in pids:
        os.kill(pid, signal)
