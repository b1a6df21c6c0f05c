"""The calls by which a role's rights are told apart, each under a name and with as little effect as can be."""

from dataclasses import dataclass

import boto3

STORE = "berlin"
OTHER = "paris"
ITEM = "apple"


@dataclass
class Target:
    """Whom the calls are made as, and the names of what they are made on."""

    session: boto3.Session
    names: dict
    stream: dict

    def client(self, service):
        return self.session.client(service)


def key(store):
    return {"Store": {"S": store}, "Item": {"S": ITEM}}


def get_object(bucket, at):
    return lambda t: t.client("s3").get_object(Bucket=t.names[bucket], Key=at)


def put_object(bucket, at):
    return lambda t: t.client("s3").put_object(Bucket=t.names[bucket], Key=at, Body=b"")


def query(table, store=STORE, **more):
    return lambda t: t.client("dynamodb").query(
        TableName=t.names[table], KeyConditionExpression="#Store = :store",
        ExpressionAttributeNames={"#Store": "Store"}, ExpressionAttributeValues={":store": {"S": store}}, **more,
    )


def query_index(t):
    return t.client("dynamodb").query(
        TableName=t.names["InventoryTable"], IndexName="ByStatus", KeyConditionExpression="AlertShard = :shard",
        ExpressionAttributeValues={":shard": {"S": "0"}},
    )


def get_item(table, item):
    return lambda t: t.client("dynamodb").get_item(TableName=t.names[table], Key=item)


def put_item(table, item):
    return lambda t: t.client("dynamodb").put_item(TableName=t.names[table], Item=item)


def update_item(table, item):
    return lambda t: t.client("dynamodb").update_item(
        TableName=t.names[table], Key=item, UpdateExpression="SET Remark = :remark",
        ExpressionAttributeValues={":remark": {"S": "x"}},
    )


def delete_item(table, item):
    return lambda t: t.client("dynamodb").delete_item(TableName=t.names[table], Key=item)


def scan(table):
    return lambda t: t.client("dynamodb").scan(TableName=t.names[table])


def batch_get(t):
    return t.client("dynamodb").batch_get_item(RequestItems={t.names["InventoryTable"]: {"Keys": [key(STORE)]}})


def batch_write(t):
    write = {"PutRequest": {"Item": key(STORE)}}
    return t.client("dynamodb").batch_write_item(RequestItems={t.names["InventoryTable"]: [write]})


def statement(text):
    """One PartiQL statement, alone in a batch, which says in its answer what was refused."""

    def call(t):
        statements = [{"Statement": text.format(t.names["InventoryTable"], STORE, ITEM)}]
        return t.client("dynamodb").batch_execute_statement(Statements=statements)

    return call


def follow_stream(t):
    streams = t.client("dynamodbstreams")
    (shard, *_) = streams.describe_stream(StreamArn=t.stream)["StreamDescription"]["Shards"]
    at = streams.get_shard_iterator(StreamArn=t.stream, ShardId=shard["ShardId"], ShardIteratorType="LATEST")
    return streams.get_records(ShardIterator=at["ShardIterator"])


def publish(topic):
    return lambda t: t.client("sns").publish(TopicArn=t.names[topic], Message="from a test")


def publish_batch(topic):
    entry = {"Id": "0", "Message": "from a test"}
    return lambda t: t.client("sns").publish_batch(TopicArn=t.names[topic], PublishBatchRequestEntries=[entry])


def send(queue):
    return lambda t: t.client("sqs").send_message(QueueUrl=t.names[queue], MessageBody='{"from": "a test"}')


def receive(queue):
    return lambda t: t.client("sqs").receive_message(QueueUrl=t.names[queue])


OWN_ROW, STORES_ROW, UPLOADS_ROW = key(STORE), {"Store": {"S": STORE}}, {"Store": {"S": STORE}, "Version": {"S": "0"}}
NOTICES_ROW = {"Store": {"S": STORE}, "Id": {"S": "0"}}
WHERE = """WHERE "Store" = '{1}' AND "Item" = '{2}'"""

CALLS = {
    "read an upload": get_object("UploadsBucketName", f"stores/{STORE}/known.csv"),
    "list the uploads": lambda t: t.client("s3").list_objects_v2(Bucket=t.names["UploadsBucketName"]),
    "delete an upload": lambda t: t.client("s3").delete_object(Bucket=t.names["UploadsBucketName"], Key="absent"),
    "upload for the own store": put_object("UploadsBucketName", f"stores/{STORE}/empty.csv"),
    "upload for another store": put_object("UploadsBucketName", f"stores/{OTHER}/empty.csv"),
    "upload for a store of a longer name": put_object("UploadsBucketName", f"stores/{STORE}2/empty.csv"),
    "upload for any store": put_object("UploadsBucketName", "empty.csv"),
    "write a receipt's file": put_object("ReceiptsBucketName", "receipts/receipt"),
    "read a receipt's file": get_object("ReceiptsBucketName", "receipts/receipt"),
    "write beside the receipts": put_object("ReceiptsBucketName", "receipt"),
    "change the dashboard": put_object("DashboardBucketName", "evil.js"),
    "see the own levels": query("InventoryTable"),
    "see another store's levels": query("InventoryTable", OTHER),
    "see what is out anywhere": query_index,
    "get one level": get_item("InventoryTable", OWN_ROW),
    "get another store's level": get_item("InventoryTable", key(OTHER)),
    "get levels in a batch": batch_get,
    "scan the levels": scan("InventoryTable"),
    "put a level": put_item("InventoryTable", OWN_ROW),
    "update a level": update_item("InventoryTable", OWN_ROW),
    "delete a level": delete_item("InventoryTable", OWN_ROW),
    "put levels in a batch": batch_write,
    "insert a level by PartiQL": statement("""INSERT INTO "{0}" VALUE {{'Store': '{1}', 'Item': 'inserted', 'Count': 1}}"""),
    "update a level by PartiQL": statement(f"""UPDATE "{{0}}" SET "Count" = 2 {WHERE}"""),
    "read a level by PartiQL": statement(f"""SELECT * FROM "{{0}}" {WHERE}"""),
    "delete a level by PartiQL": statement(f"""DELETE FROM "{{0}}" {WHERE}"""),
    "see the own store's state": get_item("StoresTable", STORES_ROW),
    "see every store's state": scan("StoresTable"),
    "put a store's state": put_item("StoresTable", STORES_ROW),
    "update a store's state": update_item("StoresTable", STORES_ROW),
    "delete a store's state": delete_item("StoresTable", STORES_ROW),
    "see the own uploads": query("UploadsTable"),
    "see another store's uploads": query("UploadsTable", OTHER),
    "record an upload": put_item("UploadsTable", UPLOADS_ROW),
    "find an upload": get_item("UploadsTable", UPLOADS_ROW),
    "forget an upload": delete_item("UploadsTable", UPLOADS_ROW),
    "see what was told": query("NoticesTable"),
    "see what every store was told": scan("NoticesTable"),
    "find what was told": get_item("NoticesTable", NOTICES_ROW),
    "keep that a notice was sent": put_item("NoticesTable", NOTICES_ROW),
    "forget that a notice was sent": delete_item("NoticesTable", NOTICES_ROW),
    "follow the stream": follow_stream,
    "publish a notice": publish("NoticeTopicArn"),
    "publish notices in a batch": publish_batch("NoticeTopicArn"),
    "publish an alarm": publish("AlarmTopicArn"),
    "report a failed upload": send("FailedUploadsUrl"),
    "report a failed change": send("FailedChangesUrl"),
    "take a failed upload away": receive("FailedUploadsUrl"),
    "take a failed change away": receive("FailedChangesUrl"),
    "run the loader": lambda t: t.client("lambda").invoke(FunctionName=t.names["LoadInventoryName"], Payload=b'{"freshness": true}'),
    "read the logs": lambda t: t.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{t.names['LoadInventoryName']}"),
    "create a user": lambda t: t.client("cognito-idp").admin_create_user(UserPoolId=t.names["UserPoolId"], Username="x@example.com"),
    "become the loader": lambda t: t.client("sts").assume_role(RoleArn=t.names["LoadInventoryRoleArn"], RoleSessionName="test"),
}

ALLOWED = {
    "loader": {
        "read an upload", "write a receipt's file",
        "see the own levels", "see another store's levels", "get levels in a batch",
        "insert a level by PartiQL", "update a level by PartiQL",
        "see the own store's state", "see every store's state", "update a store's state",
        "find an upload", "record an upload",
        "find what was told", "keep that a notice was sent", "publish a notice", "publish notices in a batch",
        "report a failed upload",
    },
    "checker": {
        "follow the stream", "publish a notice", "publish notices in a batch", "report a failed change",
        "see what was told", "keep that a notice was sent", "find an upload",
    },
    "viewer": {
        "see the own levels", "see another store's levels", "see what is out anywhere",
        "see the own store's state", "see every store's state",
        "see the own uploads", "see another store's uploads",
    },
    "manager": {
        "upload for the own store", "see the own levels", "get one level",
        "see the own store's state", "see the own uploads", "find an upload",
    },
    "manager of no store": set(),
}
