"""What goes wrong on the way, and that it ends well or in a queue."""

import json
import signal

from boto3.dynamodb.conditions import Key

import processes
from deployment import SAMPLES, fresh, items as items_of, query, until
from files import csv_of


def test_a_loader_that_is_killed_in_the_middle_is_right_in_the_end(deployed, subscribe):
    store, items = fresh("killed"), 10_000
    inbox = subscribe(store=[store])
    expect = {f"item-{n:05}": n % 1_000 for n in range(items)}
    version = deployed.upload(f"stores/{store}/large.csv", csv_of(expect))

    until(lambda: deployed.inventory.query(KeyConditionExpression=Key("Store").eq(store), Limit=1)["Items"])
    killed = processes.of_function(deployed.names["LoadInventoryName"], deployed.endpoint)
    processes.kill(killed, signal.SIGKILL)
    assert killed and deployed.receipt_if_any(store, version) is None, "it was not killed in the middle"

    receipt = deployed.receipt(store, version, patience=180)
    assert receipt["Receipt"]["written"] == items
    assert deployed.counts(store) == expect
    assert len(query(deployed.uploads, store)) == 1
    out = sorted(item for item, count in expect.items() if count == 0)
    until(lambda: len(named(inbox)) >= len(out), patience=180)
    assert sorted(named(inbox)) == out, "each is told of once"


def named(inbox):
    return [item for message in inbox for item in items_of(message)]


def test_an_upload_that_cannot_be_read_waits_in_a_queue_and_can_be_redriven(deployed, failed_uploads):
    store = fresh("unreadable")
    key = f"stores/{store}/late.csv"
    event = json.loads((SAMPLES / "s3-event.json").read_text())
    (record,) = event["Records"]
    record["s3"]["bucket"]["name"] = deployed.names["UploadsBucketName"]
    record["s3"]["object"] = {"key": key.replace(" ", "+"), "sequencer": "01"}
    deployed.lambda_.invoke(
        FunctionName=deployed.names["LoadInventoryName"], InvocationType="Event", Payload=json.dumps(event)
    )
    failed = failed_uploads.first(lambda message: message.get("requestPayload") == event)
    tries = [line for line in deployed.logged("upload failed") if key in line["error"]]
    assert len(tries) == failed["requestContext"]["approximateInvokeCount"] == 3
    assert key in failed["responsePayload"]["errorMessage"]
    assert deployed.counts(store) == {}

    deployed.upload(key, csv_of({"tea": 4}))
    deployed.deliver(failed["requestPayload"])
    assert deployed.counts(store) == {"tea": 4}


def test_a_poison_record_ends_in_a_queue_and_the_rest_goes_on(deployed, subscribe, failed_changes):
    store = fresh("stream")
    inbox = subscribe(store=[store])
    given_up = len(list(failed_changes))
    for item, count in [("before", 0), ("poison", "many"), ("after", 0)]:
        deployed.inventory.put_item(Item={"Store": store, "Item": item, "Count": count})

    failed = until(lambda: list(failed_changes)[given_up:])
    until(lambda: len(list(inbox)) >= 2)
    assert named(inbox) == ["before", "after"]
    (information,) = [message["DDBStreamBatchInfo"] for message in failed if "DDBStreamBatchInfo" in message]
    assert information["batchSize"] == 1
    tries = [line["sequence_number"] for line in deployed.logged("stream record failed")]
    assert tries[-1] == information["startSequenceNumber"]
