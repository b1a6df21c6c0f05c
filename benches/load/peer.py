"""A loader as the SDK's guide has it: boto3's batch_writer puts every row of a file."""

import csv
import json
import sys
import time

import boto3


def main():
    table, bucket, key = sys.argv[1:]
    table = boto3.resource("dynamodb").Table(table)
    s3 = boto3.client("s3")
    start = time.perf_counter()
    body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    with table.batch_writer() as batch:
        for row in csv.DictReader(body.decode().splitlines()):
            batch.put_item(Item={"Store": row["store"], "Item": row["item"], "Count": int(row["count"])})
    print(json.dumps({"seconds": time.perf_counter() - start}))


main()
