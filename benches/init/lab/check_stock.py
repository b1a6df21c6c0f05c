"""What the lab's Check-Stock does before its first event: it imports, and makes its client when it needs it."""

import json
import os

import boto3


def handle(event, context):
    for record in event["Records"]:
        row = record["dynamodb"].get("NewImage")
        if row and int(row["Count"]["N"]) == 0:
            message = f"{row['Store']['S']} is out of stock of {row['Item']['S']}"
            boto3.client("sns").publish(TopicArn=os.environ["TOPIC_ARN"], Message=json.dumps({"default": message}))
