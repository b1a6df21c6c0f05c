#!/usr/bin/env python3
"""Puts the dashboard's files and its config.json where a deployed stack serves them."""

import argparse
import json
import mimetypes
from pathlib import Path

import boto3

BUILT = Path(__file__).absolute().parents[1] / "dashboard" / "dist"


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--stack", required=True, help="name of the deployed stack")
    arguments.add_argument("--dashboard", type=Path, default=BUILT, help="folder of built files")
    given = arguments.parse_args()
    deployed = outputs(given.stack)
    publish(given.dashboard, deployed)
    print(deployed["DashboardUrl"])


def outputs(stack):
    (described,) = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return {o["OutputKey"]: o["OutputValue"] for o in described["Outputs"]}


def publish(folder, deployed, endpoint=None):
    s3 = boto3.client("s3")
    files = [f for f in sorted(folder.rglob("*")) if f.is_file()]
    if not files:
        raise SystemExit(f"there is no built dashboard in {folder}: make dashboard")
    # A page must not be there before what it loads.
    for file in sorted(files, key=lambda f: f.suffix == ".html"):
        key = file.relative_to(folder).as_posix()
        hashed = key.startswith("assets/")
        s3.put_object(
            Bucket=deployed["DashboardBucketName"],
            Key=key,
            Body=file.read_bytes(),
            ContentType=content_type(file),
            CacheControl="public, max-age=31536000, immutable" if hashed else "no-cache",
        )
    s3.put_object(
        Bucket=deployed["DashboardBucketName"],
        Key="config.json",
        Body=json.dumps(config(deployed, endpoint), indent=2).encode(),
        ContentType="application/json",
        CacheControl="no-store",
    )


def config(deployed, endpoint=None):
    """What the dashboard has to know; with an endpoint, all of AWS is there."""
    settings = {
        "region": deployed["Region"],
        "userPoolId": deployed["UserPoolId"],
        "clientId": deployed["UserPoolClientId"],
        "identityPoolId": deployed["IdentityPoolId"],
        "login": endpoint or deployed["LoginDomain"],
        "inventoryTable": deployed["InventoryTable"],
        "inventoryIndex": deployed["InventoryIndex"],
        "storesTable": deployed["StoresTable"],
        "uploadsTable": deployed["UploadsTable"],
        "uploadsBucket": deployed["UploadsBucketName"],
        "hoursWithoutUpload": int(deployed["HoursWithoutUpload"]),
    }
    return {**settings, "endpoint": endpoint} if endpoint else settings


def content_type(file):
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


if __name__ == "__main__":
    main()
