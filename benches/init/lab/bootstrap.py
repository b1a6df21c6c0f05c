"""Stands for the managed Python runtime: imports the handler, then polls for events."""

import importlib
import json
import os
from http.client import HTTPConnection

module, function = os.environ["_HANDLER"].split(".")
handle = getattr(importlib.import_module(module), function)
api = HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
while True:
    api.request("GET", "/2018-06-01/runtime/invocation/next")
    answer = api.getresponse()
    request, event = answer.getheader("Lambda-Runtime-Aws-Request-Id"), json.load(answer)
    api.request("POST", f"/2018-06-01/runtime/invocation/{request}/response", json.dumps(handle(event, None)))
    api.getresponse().read()
