import {
  AdminAddUserToGroupCommand, AdminCreateUserCommand, AdminSetUserPasswordCommand, CognitoIdentityProviderClient,
} from "@aws-sdk/client-cognito-identity-provider";
import { BatchWriteItemCommand, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { Attributes } from "../src/data/columns.ts";

/** The deployed stack, with root's rights: infra/stack.py --once tells of it. */
const told = process.env["STACK_OUTPUTS"];
if (!told) throw new Error("these tests need a stack: run them by `make test-dashboard`");

export const names = JSON.parse(told) as Record<string, string>;
export const endpoint = process.env["AWS_ENDPOINT_URL"] as string;
export const url = process.env["DASHBOARD_URL"] as string;
export const viewer = { name: process.env["DASHBOARD_USER"] as string, password: process.env["DASHBOARD_PASSWORD"] as string };
export type Person = typeof viewer;

const dynamodb = new DynamoDBClient({});
const cognito = new CognitoIdentityProviderClient({});
const s3 = new S3Client({ forcePathStyle: true });

type Table = "InventoryTable" | "StoresTable" | "UploadsTable";

export async function put(table: Table, row: Attributes): Promise<void> {
  await dynamodb.send(new PutItemCommand({ TableName: names[table], Item: row as never }));
}

export async function putAll(table: Table, rows: Attributes[]): Promise<void> {
  const name = names[table] as string;
  const batches = Array.from({ length: Math.ceil(rows.length / 25) }, (_, i) => rows.slice(i * 25, i * 25 + 25));
  for (let i = 0; i < batches.length; i += 8) {
    await Promise.all(batches.slice(i, i + 8).map((batch) =>
      dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [name]: batch.map((row) => ({ PutRequest: { Item: row as never } })) } }))));
  }
}

export async function upload(key: string, body: string | Uint8Array): Promise<void> {
  await s3.send(new PutObjectCommand({ Bucket: names["UploadsBucketName"], Key: key, Body: body }));
}

export async function person(name: string, group: "viewers" | "managers" | undefined, store?: string): Promise<Person> {
  const UserPoolId = names["UserPoolId"];
  const attributes = { email: name, email_verified: "true", ...(store ? { "custom:store": store } : {}) };
  await cognito.send(new AdminCreateUserCommand({
    UserPoolId, Username: name, MessageAction: "SUPPRESS",
    UserAttributes: Object.entries(attributes).map(([Name, Value]) => ({ Name, Value })),
  })).catch((error: Error) => {
    if (error.name !== "UsernameExistsException") throw error;
  });
  const password = "correct-Horse-7";
  await cognito.send(new AdminSetUserPasswordCommand({ UserPoolId, Username: name, Password: password, Permanent: true }));
  if (group) await cognito.send(new AdminAddUserToGroupCommand({ UserPoolId, Username: name, GroupName: group }));
  return { name, password };
}
