"""One deployed stack for all tests, and what they ask of it."""

import json
import os
import signal
import uuid

import pytest

from deployment import Deployment, Queue
from people import People
from publish import BUILT
from stack import stack


@pytest.fixture(scope="session")
def environment():
    """The stack as it ships; one that runs already if `stack.py --once pytest` says so."""
    if "STACK_OUTPUTS" in os.environ:
        yield os.environ
    else:
        # As Ctrl-C does: nothing of the stack may outlive the tests.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with stack(BUILT, 0) as environment:
            yield environment


@pytest.fixture(scope="session")
def deployed(environment):
    return Deployment(environment)


@pytest.fixture(scope="session")
def people(environment, deployed):
    return People(deployed.names)


@pytest.fixture
def subscribe(deployed):
    """Subscribes a queue to the notices, by a filter policy."""
    subscriptions = []

    def subscribed(**filter_policy):
        url, arn = create_queue(deployed.sqs, deployed.names["NoticeTopicArn"])
        subscription = deployed.sns.subscribe(
            TopicArn=deployed.names["NoticeTopicArn"],
            Protocol="sqs",
            Endpoint=arn,
            Attributes={"FilterPolicy": json.dumps(filter_policy)},
            ReturnSubscriptionArn=True,
        )
        subscriptions.append(subscription["SubscriptionArn"])
        return Queue(deployed.sqs, url)

    yield subscribed
    for subscription in subscriptions:
        deployed.sns.unsubscribe(SubscriptionArn=subscription)


def create_queue(sqs, topic):
    url = sqs.create_queue(QueueName=f"notices-{uuid.uuid4().hex}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    # Nothing may be sent to a queue by a topic that its policy does not name.
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    return url, arn


@pytest.fixture(scope="session")
def failed_uploads(deployed):
    return Queue(deployed.sqs, deployed.names["FailedUploadsUrl"])


@pytest.fixture(scope="session")
def failed_changes(deployed):
    return Queue(deployed.sqs, deployed.names["FailedChangesUrl"])
