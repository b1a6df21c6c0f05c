"""The emulator, with what it leaves out.

It writes no stream records for what PartiQL changes. It knows the roles and their policies, but not
 * that its callers come over TLS, so that the buckets' TLS-only policies refuse every role;
 * that sns:Publish is the right to publish a batch too;
 * that a PartiQL statement is authorized as what it does, and a stream by its own name;
 * the condition key dynamodb:LeadingKeys;
 * ${aws:PrincipalTag/...} in a policy;
 * the role of a user's group and the tags from his token in what an identity pool gives out;
 * the groups in a token that was renewed;
 * that a page may read why it was refused (CORS), as it may read any other answer.

Each gap is filled by one function put in the place of the emulator's own, whose version is pinned.
Where a rule here is silent the answer is no. That AWS sees it likewise is for smoke.sh to say.
"""

import base64
import dataclasses
import json
import re

from ministack import app as ministack
from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import error_response_json
from ministack.services import cognito, dynamodb, dynamodb_streams, sts

STATEMENT = re.compile(r'\s*(INSERT INTO|UPDATE|DELETE FROM|SELECT .*? FROM)\s+"?([\w.-]+)"?', re.I | re.S)
VARIABLE = re.compile(r"\$\{(aws:PrincipalTag/[^}]+)\}", re.I)
EQUALITY = re.compile(r"([#\w]+)\s*=\s*(:\w+)")


def main():
    iam_actions.dynamodb_transaction_checks = item_checks
    iam_actions.extract_iam_action = action
    iam_actions.extract_resource_arn = resource
    iam_actions.dynamodb_service_context = service_context
    iam_evaluator._first_match = first_match
    cognito._get_credentials_for_identity = credentials_for_identity
    dynamodb._partiql_insert = streamed(dynamodb._partiql_insert, inserted_key)
    dynamodb._partiql_update = streamed(dynamodb._partiql_update, dynamodb._partiql_key_target)
    dynamodb._partiql_delete = streamed(dynamodb._partiql_delete, dynamodb._partiql_key_target)
    ministack.app = over_tls
    ministack.main()


emulator = ministack.app


async def over_tls(scope, receive, send):
    if scope["type"] == "http" and b"x-forwarded-proto" not in dict(scope["headers"]):
        scope = {**scope, "headers": [*scope["headers"], (b"x-forwarded-proto", b"https")]}

    async def readable(message):
        # S3 goes by the rules of its buckets; its requests have a path.
        if message["type"] == "http.response.start" and scope["path"] == "/":
            headers = [h for h in message["headers"] if h[0].lower() != b"access-control-allow-origin"]
            message = {**message, "headers": [*headers, (b"access-control-allow-origin", b"*")]}
        await send(message)

    await emulator(scope, receive, readable)


action_by_name = iam_actions.extract_iam_action


def action(*request):
    named = action_by_name(*request)
    return "sns:Publish" if named == "sns:PublishBatch" else named


def streamed(write, key_of):
    """A PartiQL write that the table's stream is told of."""

    def writing(table, parsed, *rest):
        partition, sort, *_ = key_of(table, parsed)
        before = table["items"].get(partition, {}).get(sort)
        answer = write(table, parsed, *rest)
        after = table["items"].get(partition, {}).get(sort)
        if answer[0] == 200 and after != before:
            event = "INSERT" if before is None else "MODIFY" if after is not None else "REMOVE"
            dynamodb._emit_stream_event(table["TableName"], event, before, after)
        return answer

    return writing


def inserted_key(table, parsed):
    item = parsed["item"].get("M", parsed["item"])
    return [dynamodb._extract_key_val(item.get(name)) for name in (table["pk_name"], table["sk_name"])]


transaction_checks = iam_actions.dynamodb_transaction_checks


def item_checks(action, body, region, account):
    """The (action, table) pairs to check in place of a request that is no action of its own."""
    if not action.endswith("ExecuteStatement"):
        return transaction_checks(action, body, region, account)
    request = json.loads(body)
    checks = []
    for statement in request.get("Statements", [request]):
        found = STATEMENT.match(statement.get("Statement", ""))
        if not found:
            return []
        verb = found[1].split()[0].capitalize()
        checks.append((f"dynamodb:PartiQL{verb}", f"arn:aws:dynamodb:{region}:{account}:table/{found[2]}"))
    return checks


resource_but_stream = iam_actions.extract_resource_arn


def resource(service, method, path, headers, body, *rest):
    if service != "dynamodbstreams":
        return resource_but_stream(service, method, path, headers, body, *rest)
    request = json.loads(body)
    iterator = dynamodb_streams._decode_iterator(request.get("ShardIterator", "")) or {}
    return request.get("StreamArn") or iterator.get("arn", "*")


context_without_keys = iam_actions.dynamodb_service_context


def service_context(body):
    keys = leading_keys(json.loads(body or b"{}"))
    return {**context_without_keys(body), **({"dynamodb:LeadingKeys": keys} if keys else {})}


def leading_keys(request):
    """The partition keys that a request names; none for a scan."""
    table = dynamodb._tables.get(request.get("TableName")) or {}
    indexes = {i["IndexName"]: i for i in table.get("GlobalSecondaryIndexes") or []}
    schema = indexes.get(request.get("IndexName"), table).get("KeySchema", [])
    partition = next((k["AttributeName"] for k in schema if k["KeyType"] == "HASH"), None)
    names, values = request.get("ExpressionAttributeNames", {}), request.get("ExpressionAttributeValues", {})
    found = [request[part].get(partition) for part in ("Key", "Item") if part in request]
    for name, value in EQUALITY.findall(request.get("KeyConditionExpression", "")):
        if names.get(name, name) == partition:
            found.append(values.get(value))
    return [text for value in found if value for text in value.values()]


first_unresolved_match = iam_evaluator._first_match


def first_match(context, statements, effect):
    resolved = (resolve(statement, context.principal_keys) for statement in statements)
    return first_unresolved_match(context, [r for r in resolved if r], effect)


def resolve(statement, keys):
    """The statement with its variables filled in; nothing if the caller lacks one of them."""

    def fill(value):
        if isinstance(value, dict):
            return {name: fill(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [fill(inner) for inner in value]
        return VARIABLE.sub(lambda found: keys[found[1].lower()], value) if isinstance(value, str) else value

    try:
        return dataclasses.replace(
            statement, resources=fill(statement.resources), conditions=fill(statement.conditions)
        )
    except KeyError:
        return None


credentials_for_any_identity = cognito._get_credentials_for_identity


def credentials_for_identity(request):
    answer = credentials_for_any_identity(request)
    if answer[0] != 200:
        return answer
    session = sts._sessions[json.loads(answer[2])["Credentials"]["AccessKeyId"]]
    pool = cognito._identity_pools.get(session["_identity_pool_id"]) or {}
    for provider, token in session["_logins"].items():
        claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
        users = cognito._user_pools[provider.rsplit("/", 1)[1]]
        groups = users["_groups"]
        names = claims.get("cognito:groups") or cognito._user_from_token(token, users).get("_groups", [])
        mine = sorted((groups[g] for g in names), key=lambda g: g.get("Precedence", 1e9))
        if pool.get("_role_mappings"):
            if not mine:
                return error_response_json("NotAuthorizedException", "Access to Role is forbidden.", 400)
            account = session["AccountId"]
            role = mine[0]["RoleArn"].rsplit("/", 1)[1]
            session["Arn"] = f"arn:aws:sts::{account}:assumed-role/{role}/CognitoIdentityCredentials"
        tags = (pool.get("_principal_tags", {}).get(provider) or {}).get("PrincipalTags") or {}
        session["SessionTags"] = [{"Key": k, "Value": claims[c]} for k, c in tags.items() if c in claims]
    return answer


if __name__ == "__main__":
    main()
