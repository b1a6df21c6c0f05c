#!/usr/bin/env bash
# Signs in to a deployed stack as the manager of a store that does not exist, and tries
# what only AWS itself can vouch for: LeadingKeys, principal tags, the mapping of groups to roles.
# Usage: smoke.sh STACK, with the rights to manage the stack's users.
set -euo pipefail
export AWS_PAGER=
stack=${1:?usage: smoke.sh STACK} store=smoke-$RANDOM password=Aa1$(openssl rand -hex 16)
user=$store@example.com

output() {
  aws cloudformation describe-stacks --stack-name "$stack" --output text \
    --query "Stacks[0].Outputs[?OutputKey=='$1'].OutputValue"
}
region=$(output Region) pool=$(output UserPoolId) table=$(output InventoryTable) bucket=$(output UploadsBucketName)

trap 'aws cognito-idp admin-delete-user --user-pool-id "$pool" --username "$user"; rm -f "$empty"' EXIT
empty=$(mktemp)
aws cognito-idp admin-create-user --user-pool-id "$pool" --username "$user" --message-action SUPPRESS \
  --user-attributes "Name=email,Value=$user" "Name=custom:store,Value=$store" >"$empty"
aws cognito-idp admin-set-user-password --user-pool-id "$pool" --username "$user" --password "$password" --permanent
: >"$empty"

credentials() {
  local token login identity
  token=$(aws cognito-idp admin-initiate-auth --user-pool-id "$pool" --client-id "$(output UserPoolClientId)" \
    --auth-flow ADMIN_USER_PASSWORD_AUTH --auth-parameters "USERNAME=$user,PASSWORD=$password" \
    --query AuthenticationResult.IdToken --output text)
  login=cognito-idp.$region.amazonaws.com/$pool=$token
  identity=$(aws cognito-identity get-id --identity-pool-id "$(output IdentityPoolId)" --logins "$login" \
    --query IdentityId --output text)
  aws cognito-identity get-credentials-for-identity --identity-id "$identity" --logins "$login" \
    --query 'Credentials.[AccessKeyId,SecretKey,SessionToken]' --output text
}
as_manager() { AWS_ACCESS_KEY_ID=$key AWS_SECRET_ACCESS_KEY=$secret AWS_SESSION_TOKEN=$session aws "$@"; }
allowed() { as_manager "$@" >/dev/null && echo "allowed, as it should be: $*"; }
refused() {
  local said
  if said=$(as_manager "$@" 2>&1) || [[ $said != *AccessDenied* ]]; then
    echo "not refused: $*"$'\n'"$said" >&2
    return 1
  fi
  echo "refused, as it should be: $*"
}
query() {
  "$1" dynamodb query --table-name "$table" --key-condition-expression "#s = :s" \
    --expression-attribute-names '{"#s": "Store"}' --expression-attribute-values "{\":s\": {\"S\": \"$2\"}}"
}

if credentials 2>/dev/null; then echo "a user in no group got credentials" >&2; exit 1; fi
aws cognito-idp admin-add-user-to-group --user-pool-id "$pool" --username "$user" --group-name managers
read -r key secret session < <(credentials)
query allowed "$store"
query refused "not-$store"
refused dynamodb scan --table-name "$table"
refused dynamodb query --table-name "$table" --index-name ByStatus --key-condition-expression "AlertShard=:s" \
  --expression-attribute-values '{":s":{"S":"0"}}'
refused dynamodb put-item --table-name "$table" --item "{\"Store\":{\"S\":\"$store\"},\"Item\":{\"S\":\"x\"}}"
# A dry run: nobody is told that it is refused.
allowed s3api put-object --bucket "$bucket" --body "$empty" --key "stores/$store/smoke.csv" --metadata mode=dry-run
refused s3api put-object --bucket "$bucket" --body "$empty" --key "stores/not-$store/smoke.csv"
refused s3api get-object --bucket "$bucket" --key "stores/$store/smoke.csv" /dev/null
aws s3api delete-object --bucket "$bucket" --key "stores/$store/smoke.csv" >/dev/null
