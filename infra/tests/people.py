"""Sessions with the rights of each role: a function's by assuming it, a person's by signing in."""

import uuid

import boto3
from botocore import UNSIGNED
from botocore.config import Config

PASSWORD = "correct-Horse-7"


class People:
    def __init__(self, names):
        self.names = names
        self.pool = names["UserPoolId"]
        self.provider = f"cognito-idp.{names['Region']}.amazonaws.com/{self.pool}"
        self.cognito = boto3.client("cognito-idp")
        self.identity = boto3.client("cognito-identity", config=Config(signature_version=UNSIGNED))

    def function(self, role_arn):
        given = boto3.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="test")["Credentials"]
        return boto3.Session(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])

    def loader(self):
        return self.function(self.names["LoadInventoryRoleArn"])

    def checker(self):
        return self.function(self.names["CheckStockRoleArn"])

    def person(self, group=None, store=None):
        """A new user, signed in as the dashboard signs in."""
        name = f"{uuid.uuid4().hex}@example.com"
        attributes = {"email": name, "email_verified": "true", **({"custom:store": store} if store else {})}
        self.cognito.admin_create_user(
            UserPoolId=self.pool, Username=name, MessageAction="SUPPRESS",
            UserAttributes=[{"Name": key, "Value": value} for key, value in attributes.items()],
        )
        self.cognito.admin_set_user_password(UserPoolId=self.pool, Username=name, Password=PASSWORD, Permanent=True)
        if group:
            self.cognito.admin_add_user_to_group(UserPoolId=self.pool, Username=name, GroupName=group)
        return self.credentials(self.id_token(name))

    def id_token(self, name):
        signed_in = self.cognito.admin_initiate_auth(
            UserPoolId=self.pool, ClientId=self.names["UserPoolClientId"], AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": name, "PASSWORD": PASSWORD},
        )
        return signed_in["AuthenticationResult"]["IdToken"]

    def credentials(self, id_token):
        logins = {self.provider: id_token}
        identity = self.identity.get_id(IdentityPoolId=self.names["IdentityPoolId"], Logins=logins)["IdentityId"]
        given = self.identity.get_credentials_for_identity(IdentityId=identity, Logins=logins)["Credentials"]
        return boto3.Session(given["AccessKeyId"], given["SecretKey"], given["SessionToken"])
