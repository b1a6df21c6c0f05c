"""The stream mapping of check-stock by Lambda's own rules, for an emulator that keeps few of them.

The emulator ignores the batch window, partial batch responses, bisection and the limit of retries.
This follows the stream in its place, as the deployed mapping says and with the function's own role,
so that the role's rights to the stream and to the failure queue are put to the test as well.
"""

import json
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone

import boto3
from botocore.config import Config

PAGE = 1000
MAX_BYTES = 6_000_000
POLL_SECONDS = 0.1
RETRY_SECONDS = 0.1
ROLE_SECONDS = 3600


class StreamMapping:
    def __init__(self, function):
        # Without retries: one more call of a slow function would be one more invocation.
        lambda_ = boto3.client("lambda", config=Config(read_timeout=900, retries={"total_max_attempts": 1}))
        (mapping,) = lambda_.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]
        lambda_.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
        if not (mapping["BisectBatchOnFunctionError"] and mapping["FunctionResponseTypes"]):
            raise NotImplementedError("only a mapping that bisects and reports batch item failures")
        self.function = lambda_.get_function_configuration(FunctionName=function)
        self.stream = mapping["EventSourceArn"]
        self.start_at = mapping["StartingPosition"]
        self.batch_size = mapping["BatchSize"]
        self.window = mapping["MaximumBatchingWindowInSeconds"]
        self.retries = mapping["MaximumRetryAttempts"]
        self.filters = [json.loads(f["Pattern"]) for f in mapping["FilterCriteria"]["Filters"]]
        queue = mapping["DestinationConfig"]["OnFailure"]["Destination"].rsplit(":", 1)[1]
        self.queue = boto3.client("sqs").get_queue_url(QueueName=queue)["QueueUrl"]
        self.lambda_ = lambda_
        self.stopping = threading.Event()
        self.threads = ThreadPoolExecutor(1, "stream mapping")

    def __enter__(self):
        self.assume_role()
        self.iterator = self.first_iterator()
        self.running = self.threads.submit(self.run)
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.running.result()

    def run(self):
        try:
            self.follow()
        except Exception:
            traceback.print_exc()
            raise

    def follow(self):
        while not self.stopping.is_set():
            if time.monotonic() > self.assumed + ROLE_SECONDS / 2:
                self.assume_role()
            batch = [r for r in self.gather() if any(matches(r, f) for f in self.filters)]
            if batch:
                self.deliver(batch)

    def assume_role(self):
        role = boto3.client("sts").assume_role(
            RoleArn=self.function["Role"], RoleSessionName="mapping", DurationSeconds=ROLE_SECONDS
        )["Credentials"]
        session = boto3.Session(role["AccessKeyId"], role["SecretAccessKey"], role["SessionToken"])
        self.streams, self.sqs = session.client("dynamodbstreams"), session.client("sqs")
        self.assumed = time.monotonic()

    def first_iterator(self):
        # A local stream has one shard, which never closes.
        (shard,) = self.streams.describe_stream(StreamArn=self.stream)["StreamDescription"]["Shards"]
        self.shard = shard["ShardId"]
        return self.streams.get_shard_iterator(
            StreamArn=self.stream, ShardId=self.shard, ShardIteratorType=self.start_at
        )["ShardIterator"]

    def gather(self):
        """Records until the batch is full or its window is over; none if none came for a moment."""
        batch, size, opened = [], 0, None
        while len(batch) < self.batch_size and size < MAX_BYTES and not self.stopping.is_set():
            answer = self.streams.get_records(ShardIterator=self.iterator, Limit=min(PAGE, self.batch_size - len(batch)))
            self.iterator = answer["NextShardIterator"]
            page = [as_lambda_sends(r, self.stream) for r in answer["Records"]]
            batch += page
            size += sum(len(json.dumps(r)) for r in page)
            if batch and opened is None:
                opened = time.monotonic()
            if not page and (opened is None or time.monotonic() - opened >= self.window):
                self.stopping.wait(POLL_SECONDS)
                break
            if not page:
                self.stopping.wait(POLL_SECONDS)
        return batch

    def deliver(self, records):
        """A batch that fails goes on from its first failure, halved; one record alone is retried."""
        pending = [records]
        while pending and not self.stopping.is_set():
            batch = pending.pop(0)
            failed = self.invoke(batch)
            if failed is None:
                continue
            if failed > 0:
                pending.insert(0, batch[failed:])
            elif len(batch) > 1:
                pending[:0] = [batch[: len(batch) // 2], batch[len(batch) // 2 :]]
            elif not self.retry(batch):
                self.give_up(batch)

    def retry(self, batch):
        for _ in range(self.retries):
            self.stopping.wait(RETRY_SECONDS)
            if self.invoke(batch) is None:
                return True
        return False

    def invoke(self, batch):
        """The place of the first record that failed, if one did."""
        answer = self.lambda_.invoke(
            FunctionName=self.function["FunctionName"], Payload=json.dumps({"Records": batch})
        )
        if "FunctionError" in answer:
            return 0
        failures = (json.load(answer["Payload"]) or {}).get("batchItemFailures") or []
        numbers = [r["dynamodb"]["SequenceNumber"] for r in batch]
        failed = [f["itemIdentifier"] for f in failures]
        if any(f not in numbers for f in failed):
            return 0
        return min((numbers.index(f) for f in failed), default=None)

    def give_up(self, batch):
        first, last = batch[0]["dynamodb"], batch[-1]["dynamodb"]
        self.sqs.send_message(
            QueueUrl=self.queue,
            MessageBody=json.dumps({
                "requestContext": {
                    "functionArn": self.function["FunctionArn"],
                    "condition": "RetryAttemptsExhausted",
                    "approximateInvokeCount": self.retries + 1,
                },
                "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
                "version": "1.0",
                "timestamp": iso(time.time()),
                "DDBStreamBatchInfo": {
                    "shardId": self.shard,
                    "startSequenceNumber": first["SequenceNumber"],
                    "endSequenceNumber": last["SequenceNumber"],
                    "approximateArrivalOfFirstRecord": iso(first["ApproximateCreationDateTime"]),
                    "approximateArrivalOfLastRecord": iso(last["ApproximateCreationDateTime"]),
                    "batchSize": len(batch),
                    "streamArn": self.stream,
                },
            }),
        )


def as_lambda_sends(record, stream):
    change = record["dynamodb"]
    created = int(change["ApproximateCreationDateTime"].timestamp())
    return {**record, "dynamodb": {**change, "ApproximateCreationDateTime": created}, "eventSourceARN": stream}


def matches(value, pattern):
    """Of the filter language only lists of values are known; anything else is refused."""
    if isinstance(pattern, dict):
        return all(matches(value.get(key, {}), inner) for key, inner in pattern.items())
    if any(isinstance(choice, dict) for choice in pattern):
        raise NotImplementedError(f"filter {pattern}")
    return value in pattern


def iso(seconds):
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
