"""The deployed stack as the tests use it: with root's rights, waiting for what comes later."""

import json
import os
import time
import uuid
from functools import cached_property
from pathlib import Path

import boto3
from boto3.dynamodb.conditions import Key
from botocore.config import Config

DATA = Path(__file__).absolute().parents[2] / "examples" / "data"
SAMPLES = Path(__file__).absolute().parent / "samples"
# A busy machine with two cores needs it; what is there is found at once.
PATIENCE = 60


class Deployment:
    def __init__(self, environment):
        self.names = json.loads(environment["STACK_OUTPUTS"])
        self.endpoint = environment["AWS_ENDPOINT_URL"]
        self.log = Path(environment["STACK_LOG"])
        patient = Config(read_timeout=600, retries={"total_max_attempts": 1})
        self.s3, self.sqs, self.sns, self.dynamodb = (boto3.client(s) for s in ("s3", "sqs", "sns", "dynamodb"))
        self.lambda_ = boto3.client("lambda", config=patient)

    @cached_property
    def inventory(self):
        return boto3.resource("dynamodb").Table(self.names["InventoryTable"])

    @cached_property
    def stores(self):
        return boto3.resource("dynamodb").Table(self.names["StoresTable"])

    @cached_property
    def uploads(self):
        return boto3.resource("dynamodb").Table(self.names["UploadsTable"])

    @cached_property
    def notices(self):
        return boto3.resource("dynamodb").Table(self.names["NoticesTable"])

    def upload(self, key, body, **metadata):
        """Puts a file and gives back its object version, by which its receipt is found."""
        metadata = {name.replace("_", "-"): value for name, value in metadata.items()}
        put = self.s3.put_object(Bucket=self.names["UploadsBucketName"], Key=key, Body=body, Metadata=metadata)
        return put["VersionId"]

    def load(self, key, body, store, patience=PATIENCE, **metadata):
        """Uploads a file, and gives back the store's receipt when it is there."""
        return self.receipt(store, self.upload(key, body, **metadata), patience)

    def receipt(self, store, object_version, patience=PATIENCE):
        return until(lambda: self.receipt_if_any(store, object_version), patience)

    def receipt_if_any(self, store, object_version):
        found = [r for r in query(self.uploads, store) if r["ObjectVersion"] == object_version]
        return found[0] if found else None

    def receipt_file(self, key):
        """What is in a file of the bucket of receipts."""
        return self.s3.get_object(Bucket=self.names["ReceiptsBucketName"], Key=key)["Body"].read()

    def counts(self, store):
        """The store's stock by item."""
        return {row["Item"]: row["Count"] for row in query(self.inventory, store)}

    def deliver(self, event):
        """Invokes the loader with an event, as S3 would once more, and waits for the end of it."""
        answer = self.lambda_.invoke(FunctionName=self.names["LoadInventoryName"], Payload=json.dumps(event))
        assert "FunctionError" not in answer, answer["Payload"].read()
        return json.load(answer["Payload"])

    def event_of(self, receipt):
        """The event that brought an upload, from its receipt."""
        event = json.loads((SAMPLES / "s3-event.json").read_text())
        (record,) = event["Records"]
        record["eventTime"] = receipt["Uploaded"]
        record["s3"]["bucket"]["name"] = receipt["Bucket"]
        record["s3"]["object"].update(
            key=receipt["Key"], versionId=receipt["ObjectVersion"], sequencer=receipt["Version"].split("/")[1]
        )
        return event

    def function_log(self):
        """The JSON lines that the functions wrote."""
        lines = self.log.read_text(errors="replace").splitlines()
        return [json.loads(line) for line in map(str.strip, lines) if line.startswith("{") and line.endswith("}")]

    def logged(self, message):
        """The fields of the log lines with this message."""
        lines = [line for line in self.function_log() if "fields" in line]
        return [line["fields"] for line in lines if line["fields"]["message"] == message]


class Queue:
    """What arrives in a queue; it is kept here, so that nobody has to ask in the right order."""

    def __init__(self, sqs, url):
        self.sqs, self.url, self.arrived = sqs, url, []

    def __iter__(self):
        while True:
            answer = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10)
            for message in answer.get("Messages", []):
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
                self.arrived.append(json.loads(message["Body"]))
            if "Messages" not in answer:
                return iter(self.arrived)

    def first(self, fits=lambda message: True, patience=PATIENCE):
        return until(lambda: next((m for m in iter(self) if fits(m)), None), patience)


def items(message):
    """The items that a notice names, by the document that a queue gets."""
    return [item["item"] for item in json.loads(message["Message"])["items"]]


def query(table, store):
    rows, more = [], {}
    while True:
        answer = table.query(KeyConditionExpression=Key("Store").eq(store), ConsistentRead=True, **more)
        rows += answer["Items"]
        if "LastEvaluatedKey" not in answer:
            return rows
        more = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


def until(found, patience=PATIENCE, pause=0.05):
    """The first answer that is not empty."""
    deadline = time.monotonic() + patience
    while True:
        if answer := found():
            return answer
        assert time.monotonic() < deadline, f"nothing came within {patience} seconds"
        time.sleep(pause)


def fresh(store):
    """A name that no other test uses."""
    return f"{store} {uuid.uuid4().hex[:8]}"
