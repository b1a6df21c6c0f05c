"""The deployed policies, enforced: what each role needs is allowed, and everything else is refused."""

import pytest
from botocore.exceptions import ClientError

from calls import ALLOWED, CALLS, ITEM, OTHER, STORE, Target

REFUSALS = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "AuthorizationErrorException"}


@pytest.fixture(scope="module")
def roles(deployed, people):
    for store in (STORE, OTHER):
        deployed.load(f"stores/{store}/known.csv", f"item,count\n{ITEM},7\n", store)
    sessions = {
        "loader": people.loader(),
        "checker": people.checker(),
        "viewer": people.person("viewers"),
        "manager": people.person("managers", STORE),
        "manager of no store": people.person("managers"),
    }
    stream = deployed.names["InventoryStream"]
    return {role: Target(session, deployed.names, stream) for role, session in sessions.items()}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("role", ALLOWED)
def test_a_role_may_do_what_it_needs_and_no_more(roles, role, call):
    code = error_of(CALLS[call], roles[role])
    if call in ALLOWED[role]:
        assert code is None
    else:
        # Any other error would not prove that rights are missing.
        assert code in REFUSALS


def error_of(call, target):
    try:
        answer = call(target)
    except ClientError as error:
        return error.response["Error"]["Code"]
    # A batch of statements has an answer for each.
    responses = answer.get("Responses")
    return responses[0].get("Error", {}).get("Code") if isinstance(responses, list) else None


def test_a_user_in_no_group_gets_no_credentials(people):
    with pytest.raises(ClientError) as error:
        people.person()
    assert error.value.response["Error"]["Code"] == "NotAuthorizedException"


def test_nobody_can_take_a_persons_role_past_the_sign_in(roles, deployed):
    for role in ("ViewerRoleArn", "ManagerRoleArn"):
        with pytest.raises(ClientError) as error:
            roles["loader"].client("sts").assume_role(RoleArn=deployed.names[role], RoleSessionName="test")
        assert "AccessDenied" in error.value.response["Error"]["Code"]


def test_a_bucket_is_closed_to_requests_that_are_not_encrypted(roles, deployed):
    s3 = roles["loader"].client("s3")
    s3.meta.events.register("before-send", lambda request, **_: request.headers.update({"X-Forwarded-Proto": "http"}))
    with pytest.raises(ClientError) as error:
        s3.get_object(Bucket=deployed.names["UploadsBucketName"], Key=f"stores/{STORE}/known.csv")
    assert error.value.response["Error"]["Code"] == "AccessDenied"
