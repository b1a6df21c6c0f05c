"""What operators see: freshness, logs, metrics, alarms' subscribers and the dashboard."""

import json
import urllib.error
import urllib.request

import boto3
import pytest

from deployment import fresh, until
from files import csv_of


def test_stores_that_stopped_uploading_are_counted_and_named(deployed):
    stopped, fine = fresh("stopped"), fresh("fine")
    deployed.stores.put_item(Item={"Store": stopped, "Version": "1", "Uploaded": "2026-01-01T06:00:00Z"})
    deployed.load(f"stores/{fine}/1.csv", csv_of({"tea": 4}), fine)
    deployed.deliver({"freshness": True})
    named = until(lambda: [line["store"] for line in deployed.logged("no upload for too long")])
    assert stopped in named and fine not in named
    assert [line["StaleStores"] for line in deployed.function_log() if "StaleStores" in line][-1] >= 1
    deployed.stores.delete_item(Key={"Store": stopped})


def test_the_schedule_asks_for_freshness(deployed):
    events = boto3.client("events")
    arn = deployed.lambda_.get_function_configuration(FunctionName=deployed.names["LoadInventoryName"])["FunctionArn"]
    (rule,) = events.list_rule_names_by_target(TargetArn=arn)["RuleNames"]
    assert events.describe_rule(Name=rule)["ScheduleExpression"] == "rate(1 hour)"
    (target,) = events.list_targets_by_rule(Rule=rule)["Targets"]
    assert json.loads(target["Input"]) == {"freshness": True}


def test_logs_are_json_with_counts_and_without_what_is_in_a_file(deployed):
    store, secret = fresh("logged"), fresh("secret").replace(" ", "-")
    deployed.load(f"stores/{store}/1.csv", f"item,count,name\ntea,0,{secret}\n{secret},{secret},x\n", store)
    (line,) = until(lambda: [line for line in deployed.function_log() if is_applied(line, store)])
    assert line["level"] == "INFO" and line["span"]["requestId"]
    assert {name: line["fields"][name] for name in ("read", "accepted", "rejected", "written")} == {
        "read": 2, "accepted": 1, "rejected": 1, "written": 1,
    }
    until(lambda: [line for line in deployed.logged("notice published") if line["store"] == store])
    assert secret not in json.dumps(deployed.function_log())


def test_a_refusal_is_logged_by_its_kind_and_without_what_is_in_the_file(deployed):
    store, secret = fresh("refused log"), fresh("secret").replace(" ", "-")
    key = f"stores/{store}/1.csv"
    entry = deployed.load(key, f"item,{secret}\ntea,{secret}\n", store)
    assert secret in entry["Reason"], "the receipt quotes the file"
    (line,) = until(lambda: [line for line in deployed.logged("upload refused") if line["key"] == key])
    assert (line["kind"], line["line"]) == ("MissingColumn", 1)
    assert secret not in json.dumps(deployed.function_log())


def is_applied(line, store):
    fields = line.get("fields", {})
    return (fields.get("message"), fields.get("store")) == ("upload loaded", store)


def test_metrics_are_of_the_stages_namespace(deployed):
    store = fresh("measured")
    deployed.load(f"stores/{store}/1.csv", csv_of({"tea": 4}), store)
    found = until(lambda: [line for line in deployed.function_log() if "AgeOfData" in line])
    (directive,) = found[-1]["_aws"]["CloudWatchMetrics"]
    assert (directive["Namespace"], directive["Dimensions"]) == ("Inventory/local", [[]])
    names = {metric["Name"] for metric in directive["Metrics"]}
    assert {"Rows", "Rejects", "Written", "Unchanged", "Superseded", "ReadUnits", "WriteUnits", "AgeOfData"} <= names


def test_the_dashboard_and_its_settings_are_served(environment, deployed):
    page = urllib.request.urlopen(environment["DASHBOARD_URL"])
    assert b'<div id="app">' in page.read()
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Frame-Options"] == "DENY"
    settings = json.load(urllib.request.urlopen(environment["DASHBOARD_URL"] + "config.json"))
    assert settings["userPoolId"] == deployed.names["UserPoolId"]
    assert settings["endpoint"] == deployed.endpoint


@pytest.mark.parametrize("bucket, key", [("DashboardBucketName", "index.html"), ("UploadsBucketName", "any.csv")])
def test_a_bucket_itself_serves_nobody(deployed, bucket, key):
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(f"{deployed.endpoint}/{deployed.names[bucket]}/{key}")
    assert error.value.code == 403
