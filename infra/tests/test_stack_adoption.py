"""A second deployment, which takes over a table and a topic that were there before it."""

import json

import boto3
import pytest

from conftest import create_queue
from deployment import Deployment, Queue, items
from local.mapping import StreamMapping
from publish import outputs
from stack import deploy

TABLE, TOPIC, STACK = "Inventory", "NoStock", "inventory-adopted"
ROWS = [{"Store": "Berlin", "Item": "Echo Dot", "Count": 12}, {"Store": "Berlin", "Item": "Echo Show", "Count": 3}]


@pytest.fixture(scope="module")
def adopted(environment):
    stream, topic = existing_table(), boto3.client("sns").create_topic(Name=TOPIC)["TopicArn"]
    deploy(STACK, {
        "Stage": "adopted", "InventoryTableName": TABLE, "InventoryStreamArn": stream, "TopicArn": topic,
        "UploadsTableName": "Receipts",
    })
    names = outputs(STACK)
    with StreamMapping(names["CheckStockName"]):
        yield Deployment({**environment, "STACK_OUTPUTS": json.dumps(names)})


def existing_table():
    """A table with rows, and the stream and index that the manual has people give it."""
    dynamodb = boto3.client("dynamodb")
    keys = {"Store": "HASH", "Item": "RANGE"}
    dynamodb.create_table(
        TableName=TABLE,
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
        ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
    )
    with boto3.resource("dynamodb").Table(TABLE).batch_writer() as batch:
        for row in ROWS:
            batch.put_item(Item=row)
    dynamodb.update_table(TableName=TABLE, BillingMode="PAY_PER_REQUEST")
    dynamodb.update_table(
        TableName=TABLE, StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    )
    index = {"AlertShard": "HASH", "Status": "RANGE"}
    dynamodb.update_table(
        TableName=TABLE,
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in index],
        GlobalSecondaryIndexUpdates=[{"Create": {
            "IndexName": "ByStatus",
            "KeySchema": [{"AttributeName": name, "KeyType": kind} for name, kind in index.items()],
            "Projection": {"ProjectionType": "ALL"},
        }}],
    )
    return dynamodb.describe_table(TableName=TABLE)["Table"]["LatestStreamArn"]


def test_a_table_and_a_topic_that_are_there_are_used_and_none_is_made(adopted):
    assert adopted.names["InventoryTable"] == TABLE
    assert adopted.names["NoticeTopicArn"].endswith(f":{TOPIC}")
    assert adopted.names["UploadsTable"] == "Receipts"
    tables = adopted.dynamodb.list_tables()["TableNames"]
    assert "Stores-adopted" in tables and "Inventory-adopted" not in tables
    topics = [topic["TopicArn"] for topic in adopted.sns.list_topics()["Topics"]]
    assert not [topic for topic in topics if topic.endswith(":stock-notices-adopted")]


def test_an_upload_goes_into_the_adopted_table_under_its_own_names_and_is_told(adopted):
    url, arn = create_queue(adopted.sqs, adopted.names["NoticeTopicArn"])
    adopted.sns.subscribe(TopicArn=adopted.names["NoticeTopicArn"], Protocol="sqs", Endpoint=arn)
    receipt = adopted.load("berlin.csv", "store,item,count\nBerlin,Echo Dot,12\nBerlin,Echo Show,0\n", "Berlin")
    assert (receipt["Receipt"]["written"], receipt["Receipt"]["unchanged"]) == (1, 1)
    rows = {row["Item"]: row for row in adopted.inventory.scan()["Items"]}
    assert rows["Echo Dot"] == ROWS[0], "a row that did not change stays as it was"
    assert {**ROWS[1], "Count": 0}.items() <= rows["Echo Show"].items()
    assert items(Queue(adopted.sqs, url).first()) == ["Echo Show"]
