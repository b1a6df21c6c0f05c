"""The template as values: CloudFormation's tags as the mappings that they stand for."""

from functools import cache
from pathlib import Path

import yaml

PATH = Path(__file__).absolute().parents[1] / "template.yaml"
TEXT = PATH.read_text()
LINES = TEXT.splitlines()
POLICED = ["AWS::IAM::Role", "AWS::S3::BucketPolicy", "AWS::SNS::TopicPolicy"]


class Loader(yaml.SafeLoader):
    pass


def tagged(loader, tag, node):
    name = tag if tag in ("Ref", "Condition") else f"Fn::{tag}"
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_mapping(node, deep=True)}


Loader.add_multi_constructor("!", tagged)


@cache
def template():
    return yaml.load(TEXT, Loader)


def resources(kind):
    """Names and properties of the resources of a kind, which are some at least."""
    found = {name: r["Properties"] for name, r in template()["Resources"].items() if r["Type"] == kind}
    assert found, f"no {kind} in the template"
    return found


def role_statements(role):
    """What a role allows, also the statements that a condition may leave out."""
    policies = resources("AWS::IAM::Role")[role]["Policies"]
    written = [s for policy in policies for s in policy["PolicyDocument"]["Statement"]]
    return [s["Fn::If"][1] if "Fn::If" in s else s for s in written]


def texts(value):
    """All texts in a value, however deep."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [text for inner in value for text in texts(inner)]
    return [str(value)]


def listed(value):
    return value if isinstance(value, list) else [value]


def policy_resources():
    """Each resource in the policies of roles, buckets and topics, with the lines that it stands on, from 0."""
    root = yaml.compose(TEXT, Loader)
    for name, resource in pairs(child(root, "Resources")):
        if child(resource, "Type").value in POLICED:
            for node in under_resource(child(resource, "Properties")):
                yield name, node.value, node.start_mark.line, node.end_mark.line


def under_resource(node, inside=False):
    if isinstance(node, yaml.ScalarNode):
        yield from [node] if inside else []
    elif isinstance(node, yaml.SequenceNode):
        for inner in node.value:
            yield from under_resource(inner, inside)
    else:
        for key, inner in pairs(node):
            yield from under_resource(inner, inside or key == "Resource")


def pairs(node):
    return [(key.value, value) for key, value in node.value]


def child(node, name):
    return dict(pairs(node))[name]
