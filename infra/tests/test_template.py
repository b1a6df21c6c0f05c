"""What the template promises, read from its text: first of all what no emulator enforces."""

import tomllib

import pytest

from documents import LINES, PATH, listed, policy_resources, resources, role_statements, template, texts
from publish import config

ROLES = ["LoadInventoryRole", "CheckStockRole", "ViewerRole", "ManagerRole"]
TABLES = ["Inventory", "Stores", "Uploads"]
LEDGER = "Notices"
BUCKETS = ["UploadsBucket", "ReceiptsBucket", "DashboardBucket"]
FUNCTIONS = {"LoadInventory": "FailedUploads", "CheckStock": "FailedChanges"}
LEADING_KEYS = "dynamodb:LeadingKeys"


def test_these_are_all_roles_tables_buckets_and_functions():
    assert sorted(resources("AWS::IAM::Role")) == sorted(ROLES)
    assert sorted(resources("AWS::DynamoDB::Table")) == sorted([*TABLES, LEDGER])
    assert sorted(resources("AWS::S3::Bucket")) == sorted(BUCKETS)
    assert sorted(resources("AWS::Serverless::Function")) == sorted(FUNCTIONS)


# Permissions


@pytest.mark.parametrize("role", ROLES)
def test_every_action_is_named(role):
    for statement in role_statements(role):
        assert statement["Effect"] == "Allow" and "NotAction" not in statement and "NotResource" not in statement
        assert not [action for action in listed(statement["Action"]) if "*" in action], statement["Sid"]


def test_a_wildcard_resource_has_its_reason_beside_it():
    found = [(name, value, first, last) for name, value, first, last in policy_resources() if "*" in value]
    assert found
    for name, value, first, last in found:
        # Beside: on its line, or in the comment right above its statement's Resource.
        beside = [*LINES[first : last + 1], *comment_above(first)]
        assert any("#" in line for line in beside), f"{name}: {value} has no reason"


def comment_above(line):
    """The comment lines right above a line, or above the Resource key that it belongs to."""
    while line and "Resource:" not in LINES[line]:
        line -= 1
    above = []
    while LINES[line - 1].lstrip().startswith("#"):
        line -= 1
        above.append(LINES[line])
    return above


@pytest.mark.parametrize("role", ROLES)
def test_a_statement_by_leading_keys_refuses_requests_without_keys(role):
    for statement in role_statements(role):
        condition = statement.get("Condition", {})
        if LEADING_KEYS not in [key for operator in condition.values() for key in operator]:
            continue
        assert condition == {
            "ForAllValues:StringEquals": {LEADING_KEYS: ["${aws:PrincipalTag/store}"]},
            "Null": {LEADING_KEYS: "false"},
        }
        # A scan has no keys to go by, and an index has others.
        assert set(listed(statement["Action"])) <= {"dynamodb:GetItem", "dynamodb:Query"}
        assert not [text for text in texts(statement["Resource"]) if "/index" in text]


def test_a_manager_is_bound_to_his_store_in_every_statement():
    for statement in role_statements("ManagerRole"):
        by_key = LEADING_KEYS in str(statement.get("Condition"))
        by_path = all("/stores/${!aws:PrincipalTag/store}/*" in text for text in texts(statement["Resource"]))
        assert by_key or by_path, statement["Sid"]


def test_a_manager_cannot_choose_his_store():
    (tags,) = resources("AWS::Cognito::IdentityPoolPrincipalTag").values()
    assert tags["PrincipalTags"] == {"store": "custom:store"} and tags["UseDefaults"] is False
    (client,) = resources("AWS::Cognito::UserPoolClient").values()
    assert "custom:store" not in client["WriteAttributes"]
    assert "aws.cognito.signin.user.admin" not in client["AllowedOAuthScopes"]


def test_users_come_from_an_administrator_and_guests_get_nothing():
    (pool,) = resources("AWS::Cognito::UserPool").values()
    assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True
    assert pool["MfaConfiguration"] == "OPTIONAL"
    (identities,) = resources("AWS::Cognito::IdentityPool").values()
    assert identities["AllowUnauthenticatedIdentities"] is False and identities["AllowClassicFlow"] is False
    (mapping,) = resources("AWS::Cognito::IdentityPoolRoleAttachment").values()
    assert mapping["RoleMappings"]["byGroup"]["AmbiguousRoleResolution"] == "Deny"


def test_the_page_signs_in_as_a_public_client_by_code_at_the_managed_login():
    (client,) = resources("AWS::Cognito::UserPoolClient").values()
    assert (client["GenerateSecret"], client["AllowedOAuthFlows"]) == (False, ["code"])
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    assert not [url for url in texts(client["CallbackURLs"]) if "*" in url]
    (domain,) = resources("AWS::Cognito::UserPoolDomain").values()
    assert domain["ManagedLoginVersion"] == {"Fn::If": ["ManagedLogin", 2, 1]}
    assert template()["Parameters"]["UserPoolTier"]["Default"] == "ESSENTIALS", "which the managed login needs"


def test_there_is_a_group_for_those_who_see_all_and_one_for_managers():
    groups = {group["GroupName"]: group["RoleArn"] for group in resources("AWS::Cognito::UserPoolGroup").values()}
    assert groups == {"viewers": {"Fn::GetAtt": "ViewerRole.Arn"}, "managers": {"Fn::GetAtt": "ManagerRole.Arn"}}


@pytest.mark.parametrize("role", ["ViewerRole", "ManagerRole"])
def test_only_the_signed_in_users_of_this_pool_get_the_role(role):
    (trust,) = resources("AWS::IAM::Role")[role]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Federated": "cognito-identity.amazonaws.com"}
    assert trust["Condition"] == {
        "StringEquals": {"cognito-identity.amazonaws.com:aud": {"Ref": "IdentityPool"}},
        "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"},
    }


@pytest.mark.parametrize("role", ROLES)
def test_a_boundary_can_be_put_on_every_role(role):
    assert texts(resources("AWS::IAM::Role")[role]["PermissionsBoundary"])[:2] == ["Bounded", "PermissionsBoundaryArn"]


# Data


@pytest.mark.parametrize("kind, of, named", [
    ("AWS::S3::BucketPolicy", "Bucket", BUCKETS),
    ("AWS::SNS::TopicPolicy", "Topics", ["Topic", "AlarmTopic"]),
])
def test_buckets_and_topics_take_tls_only(kind, of, named):
    closed = []
    for policy in resources(kind).values():
        denials = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Deny"]
        if {"Bool": {"aws:SecureTransport": "false"}} in [s["Condition"] for s in denials if s["Principal"] == "*"]:
            closed += [reference["Ref"] for reference in listed(policy[of])]
    assert sorted(closed) == sorted(named)


@pytest.mark.parametrize("bucket", BUCKETS)
def test_a_bucket_is_private_and_encrypted(bucket):
    properties = resources("AWS::S3::Bucket")[bucket]
    assert list(properties["PublicAccessBlockConfiguration"].values()) == [True] * 4
    (rule,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert properties["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}


@pytest.mark.parametrize("bucket", ["UploadsBucket", "ReceiptsBucket"])
def test_uploads_and_receipts_are_versioned_and_expire(bucket):
    properties = resources("AWS::S3::Bucket")[bucket]
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    (rule,) = properties["LifecycleConfiguration"]["Rules"]
    assert rule["Status"] == "Enabled" and rule["ExpirationInDays"] == {"Ref": "RetentionDays"}
    assert rule["NoncurrentVersionExpiration"] and rule["AbortIncompleteMultipartUpload"]


@pytest.mark.parametrize("table", TABLES)
def test_a_table_can_be_restored_and_protected(table):
    properties = resources("AWS::DynamoDB::Table")[table]
    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert properties["DeletionProtectionEnabled"] == {"Ref": "DeletionProtection"}
    assert template()["Resources"][table]["UpdateReplacePolicy"] == "Retain"


def test_the_ledger_of_notices_expires_and_is_protected():
    properties = resources("AWS::DynamoDB::Table")[LEDGER]
    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert properties["TimeToLiveSpecification"] == {"AttributeName": "Expires", "Enabled": True}
    assert properties["DeletionProtectionEnabled"] == {"Ref": "DeletionProtection"}


def test_the_index_holds_only_what_has_a_status_and_the_stream_both_images():
    properties = resources("AWS::DynamoDB::Table")["Inventory"]
    (index,) = properties["GlobalSecondaryIndexes"]
    assert [key["AttributeName"] for key in index["KeySchema"]] == ["AlertShard", "Status"]
    assert [key["AttributeName"] for key in properties["KeySchema"]] == ["Store", "Item"]
    assert properties["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}


def test_both_functions_go_by_the_same_policy():
    everywhere = template()["Globals"]["Function"]["Environment"]["Variables"]
    settings = {"DEFAULT_LANGUAGE", "DEFAULT_REORDER_POINT", "RECOVERY_MARGIN", "GUARD_PERCENT", "STORE_SETTINGS"}
    assert settings <= set(everywhere)
    for function in FUNCTIONS:
        assert not settings & set(resources("AWS::Serverless::Function")[function]["Environment"]["Variables"])


def test_deletion_protection_is_on_unless_told_otherwise():
    assert template()["Parameters"]["DeletionProtection"]["Default"] == "true"


def test_queues_and_the_topic_of_notices_are_encrypted():
    for name, queue in resources("AWS::SQS::Queue").items():
        assert queue["SqsManagedSseEnabled"] is True, name
        assert queue["MessageRetentionPeriod"] == 14 * 24 * 3600, name
    assert resources("AWS::SNS::Topic")["Topic"]["KmsMasterKeyId"] == "alias/aws/sns"


@pytest.mark.parametrize("protocol, parameter", [("email", "NoticeEmail"), ("sms", "NoticePhone")])
def test_a_parameter_subscribes_to_the_notices(protocol, parameter):
    topic = {"Fn::If": ["AdoptsTopic", {"Ref": "TopicArn"}, {"Ref": "Topic"}]}
    (subscription,) = [s for s in resources("AWS::SNS::Subscription").values() if s["Endpoint"] == {"Ref": parameter}]
    assert (subscription["Protocol"], subscription["TopicArn"]) == (protocol, topic)
    assert template()["Parameters"][parameter]["Default"] == ""


# Operation


def test_every_stage_is_tagged():
    stages = tomllib.loads((PATH.parent / "samconfig.toml").read_text())
    del stages["version"]
    assert {"dev", "prod"} <= set(stages)
    for stage, commands in stages.items():
        assert commands["deploy"]["parameters"]["tags"] == f"app=inventory stage={stage}"


def test_the_functions_are_built_for_either_architecture():
    assert template()["Globals"]["Function"]["Architectures"] == [{"Ref": "Architecture"}]
    assert template()["Parameters"]["Architecture"]["AllowedValues"] == ["x86_64", "arm64"]


def test_traces_are_an_option_with_the_rights_to_them():
    assert template()["Globals"]["Function"]["Tracing"] == {"Ref": "Tracing"}
    assert template()["Parameters"]["Tracing"]["AllowedValues"] == ["Active", "PassThrough"]
    for role in ("LoadInventoryRole", "CheckStockRole"):
        written = resources("AWS::IAM::Role")[role]["Policies"][0]["PolicyDocument"]["Statement"]
        (traces,) = [s["Fn::If"] for s in written if "Fn::If" in s]
        assert traces[0] == "Traces" and "xray:PutTraceSegments" in traces[1]["Action"]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_logs_are_json_and_expire(function):
    logging = resources("AWS::Serverless::Function")[function]["LoggingConfig"]
    assert logging["LogFormat"] == "JSON" and logging["ApplicationLogLevel"] == {"Ref": "LogLevel"}
    group = resources("AWS::Logs::LogGroup")[logging["LogGroup"]["Ref"]]
    assert group["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def test_every_log_group_expires():
    assert all("RetentionInDays" in group for group in resources("AWS::Logs::LogGroup").values())


def test_failures_end_in_a_queue():
    loader = resources("AWS::Serverless::Function")["LoadInventory"]["EventInvokeConfig"]
    assert loader["MaximumRetryAttempts"] == 2
    assert loader["DestinationConfig"]["OnFailure"] == {"Type": "SQS", "Destination": {"Fn::GetAtt": "FailedUploads.Arn"}}
    (changes,) = resources("AWS::Serverless::Function")["CheckStock"]["Events"].values()
    mapping = changes["Properties"]
    assert mapping["DestinationConfig"]["OnFailure"]["Destination"] == {"Fn::GetAtt": "FailedChanges.Arn"}
    assert mapping["MaximumBatchingWindowInSeconds"] == {"Ref": "NoticeDelaySeconds"}
    assert mapping["BisectBatchOnFunctionError"] is True
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    # Without them one poison record would hold up its shard for a day.
    assert 0 < mapping["MaximumRetryAttempts"] <= 100 and 0 < mapping["MaximumRecordAgeInSeconds"] <= 86400


def test_freshness_is_asked_every_hour():
    loader = resources("AWS::Serverless::Function")["LoadInventory"]
    schedule = loader["Events"]["Freshness"]
    assert schedule["Type"] == "Schedule"
    assert schedule["Properties"]["Schedule"] == "rate(1 hour)"
    assert schedule["Properties"]["Input"] == '{"freshness": true}'
    assert loader["Environment"]["Variables"]["HOURS_WITHOUT_UPLOAD"] == {"Ref": "HoursWithoutUpload"}


@pytest.mark.parametrize("namespace, metric, watched", [
    *[("AWS/Lambda", metric, function) for metric in ("Errors", "Throttles") for function in FUNCTIONS],
    ("AWS/Lambda", "IteratorAge", "CheckStock"),
    *[("AWS/SQS", "ApproximateNumberOfMessagesVisible", queue) for queue in FUNCTIONS.values()],
    ("Inventory/${Stage}", "StaleStores", None),
])
def test_there_is_an_alarm_that_reaches_somebody(namespace, metric, watched):
    alarms = [
        alarm for alarm in resources("AWS::CloudWatch::Alarm").values()
        if texts(alarm["Namespace"]) == [namespace] and alarm["MetricName"] == metric
        and [text.split(".")[0] for d in alarm.get("Dimensions", []) for text in texts(d["Value"])] == listed(watched or [])
    ]
    assert len(alarms) == 1
    assert alarms[0]["AlarmActions"] == [{"Ref": "AlarmTopic"}]
    assert (alarms[0]["ComparisonOperator"], alarms[0]["TreatMissingData"]) == ("GreaterThanThreshold", "notBreaching")


@pytest.mark.parametrize("metric", [
    "Rows", "Rejects", "Written", "Unchanged", "Superseded", "Notices", "ToldBefore", "LookUpsFailed", "ReadUnits", "WriteUnits", "AgeOfData",
])
def test_the_operators_dashboard_shows(metric):
    (dashboard,) = resources("AWS::CloudWatch::Dashboard").values()
    assert f'"{metric}"' in texts(dashboard["DashboardBody"])[0]


# The dashboard


def test_the_outputs_are_all_that_the_dashboard_must_know():
    outputs = template()["Outputs"]
    assert all(config({name: "1" for name in outputs}).values())


def test_the_dashboard_is_served_by_its_distribution_alone():
    policy = resources("AWS::S3::BucketPolicy")["DashboardBucketPolicy"]["PolicyDocument"]["Statement"]
    (allowed,) = [statement for statement in policy if statement["Effect"] == "Allow"]
    assert allowed["Principal"] == {"Service": "cloudfront.amazonaws.com"} and allowed["Action"] == "s3:GetObject"
    assert "distribution/${Distribution}" in texts(allowed["Condition"])[0]
    (access,) = resources("AWS::CloudFront::OriginAccessControl").values()
    assert access["OriginAccessControlConfig"]["SigningBehavior"] == "always"
    (distribution,) = resources("AWS::CloudFront::Distribution").values()
    (origin,) = distribution["DistributionConfig"]["Origins"]
    assert origin["OriginAccessControlId"] == {"Fn::GetAtt": "OriginAccess.Id"}
    assert distribution["DistributionConfig"]["DefaultCacheBehavior"]["ResponseHeadersPolicyId"] == {"Ref": "SecurityHeaders"}


def test_the_dashboard_has_security_headers():
    (headers,) = resources("AWS::CloudFront::ResponseHeadersPolicy").values()
    security = headers["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    assert set(security) == {
        "ContentSecurityPolicy", "ContentTypeOptions", "FrameOptions", "ReferrerPolicy", "StrictTransportSecurity",
    }
    assert "default-src 'none'" in str(security["ContentSecurityPolicy"])
