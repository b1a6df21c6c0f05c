import {
  DynamoDBClient, GetItemCommand, type GetItemCommandOutput, QueryCommand, type QueryCommandInput, type QueryCommandOutput,
  ScanCommand,
} from "@aws-sdk/client-dynamodb";
import { fromCognitoIdentityPool } from "@aws-sdk/credential-provider-cognito-identity";
import { SignatureV4 } from "@smithy/signature-v4";
import type { Config } from "../config.ts";
import type { Attributes } from "../data/columns.ts";
import type { Session } from "../session/session.ts";
import { type Cloud, CloudError, type Cost, type Mode } from "./cloud.ts";
import { troubleOf } from "./trouble.ts";

const TIMEOUT = 15_000;

/** The services themselves, with the rights of who is signed in. */
export function connect(config: Config, session: Session, spent: (cost: Cost) => void): Cloud {
  const credentials = credentialsOf(config, session);
  const client = new DynamoDBClient({
    region: config.region,
    ...(config.endpoint ? { endpoint: config.endpoint } : {}),
    credentials,
    systemClockOffset: session.skew,
    requestHandler: { requestTimeout: TIMEOUT },
  });

  // Asked for while the page is drawn; what is wrong is said by the first request.
  void client.config.credentials().catch(() => undefined);

  type Answer = Partial<Pick<QueryCommandOutput, "Items" | "ConsumedCapacity" | "LastEvaluatedKey"> & Pick<GetItemCommandOutput, "Item">>;

  /** Sends one request; says what it cost, and why it failed. */
  async function send<A extends Answer>(question: keyof Cloud, request: () => Promise<A>): Promise<[Attributes[], A]> {
    const started = performance.now();
    try {
      const answer = await request();
      const rows = (answer.Items ?? (answer.Item ? [answer.Item] : [])) as Attributes[];
      const units = answer.ConsumedCapacity?.CapacityUnits ?? 0;
      spent({ question, units, rows: rows.length, milliseconds: performance.now() - started });
      return [rows, answer];
    } catch (error) {
      throw new CloudError(troubleOf(error));
    }
  }

  async function query(question: keyof Cloud, input: QueryCommandInput, page: (rows: Attributes[]) => void): Promise<void> {
    let from: QueryCommandInput["ExclusiveStartKey"];
    do {
      const command = new QueryCommand({ ...input, ExclusiveStartKey: from, ReturnConsumedCapacity: "TOTAL" });
      const [rows, answer] = await send(question, () => client.send(command));
      page(rows);
      from = answer.LastEvaluatedKey;
    } while (from && !input.Limit);
  }

  async function queryAll(question: keyof Cloud, input: QueryCommandInput): Promise<Attributes[]> {
    const all: Attributes[] = [];
    await query(question, input, (rows) => all.push(...rows));
    return all;
  }

  return {
    async stores() {
      if (session.store !== undefined) {
        const command = new GetItemCommand({
          TableName: config.storesTable,
          Key: { Store: { S: session.store } },
          ReturnConsumedCapacity: "TOTAL",
        });
        const [rows] = await send("stores", () => client.send(command));
        return rows;
      }
      const all: Attributes[] = [];
      let from: QueryCommandInput["ExclusiveStartKey"];
      do {
        const command = new ScanCommand({
          TableName: config.storesTable,
          ProjectionExpression: "#Store, #Version, #Uploaded, #Outcome, #Receipt, #Reason, #Key",
          ExpressionAttributeNames: names("Store", "Version", "Uploaded", "Outcome", "Receipt", "Reason", "Key"),
          ExclusiveStartKey: from,
          ReturnConsumedCapacity: "TOTAL",
        });
        const [rows, answer] = await send("stores", () => client.send(command));
        all.push(...rows);
        from = answer.LastEvaluatedKey;
      } while (from);
      return all;
    },

    alerts: (shard) =>
      queryAll("alerts", {
        TableName: config.inventoryTable,
        IndexName: config.inventoryIndex,
        KeyConditionExpression: "#AlertShard = :shard",
        ExpressionAttributeNames: names("AlertShard"),
        ExpressionAttributeValues: { ":shard": { S: String(shard) } },
      }),

    stock: (store, page) =>
      query("stock", {
        TableName: config.inventoryTable,
        KeyConditionExpression: "#Store = :store",
        ProjectionExpression: "#Item, #Count, #ReorderPoint, #Name, #Version",
        ExpressionAttributeNames: names("Store", "Item", "Count", "ReorderPoint", "Name", "Version"),
        ExpressionAttributeValues: { ":store": { S: store } },
      }, page),

    async level(store, item) {
      const [row] = await queryAll("level", {
        TableName: config.inventoryTable,
        KeyConditionExpression: "#Store = :store AND #Item = :item",
        ExpressionAttributeNames: names("Store", "Item"),
        ExpressionAttributeValues: { ":store": { S: store }, ":item": { S: item } },
      });
      return row;
    },

    uploads: (store, limit) =>
      queryAll("uploads", {
        TableName: config.uploadsTable,
        KeyConditionExpression: "#Store = :store",
        ExpressionAttributeNames: names("Store"),
        ExpressionAttributeValues: { ":store": { S: store } },
        ScanIndexForward: false,
        Limit: limit,
      }),

    put: (store, name, file, mode) => put(config, session, client, store, name, file, mode),
  };
}

function names(...attributes: string[]): Record<string, string> {
  return Object.fromEntries(attributes.map((name) => [`#${name}`, name]));
}

function credentialsOf(config: Config, session: Session) {
  const { access, region } = config;
  if (access.kind === "demonstration") return { accessKeyId: access.accessKeyId, secretAccessKey: access.secretAccessKey };
  const provider = fromCognitoIdentityPool({
    identityPoolId: access.identityPoolId,
    logins: { [`cognito-idp.${region}.amazonaws.com/${access.userPoolId}`]: () => session.idToken() },
    clientConfig: { region, ...(config.endpoint ? { endpoint: config.endpoint } : {}) },
  });
  return async () => {
    const credentials = await provider();
    const { expiration } = credentials;
    // Told in the service's time, and compared with this machine's.
    return expiration ? { ...credentials, expiration: new Date(expiration.getTime() - session.skew) } : credentials;
  };
}

/** One signed PUT: all that is needed of S3. */
async function put(
  config: Config, session: Session, client: DynamoDBClient, store: string, name: string, file: Blob, mode: Mode,
): Promise<string> {
  if (config.access.kind !== "cognito") throw new CloudError({ kind: "denied", action: "s3:PutObject", resource: "" });
  const bucket = config.access.uploadsBucket;
  const resource = `arn:aws:s3:::${bucket}/stores/${store}/${name}`;
  const path = ["stores", store, name].map(encoded).join("/");
  const url = new URL(
    config.endpoint ? `${config.endpoint}/${bucket}/${path}` : `https://${bucket}.s3.${config.region}.amazonaws.com/${path}`,
  );
  const body = await file.arrayBuffer();
  const signer = new SignatureV4({
    service: "s3",
    region: config.region,
    credentials: client.config.credentials,
    sha256: client.config.sha256,
    uriEscapePath: false,
    applyChecksum: false,
  });
  try {
    const signed = await signer.sign(
      {
        method: "PUT",
        protocol: url.protocol,
        hostname: url.hostname,
        ...(url.port ? { port: Number(url.port) } : {}),
        path: url.pathname,
        query: {},
        headers: {
          host: url.host,
          "content-type": "text/csv",
          "x-amz-content-sha256": hex(await crypto.subtle.digest("SHA-256", body)),
          ...(mode === "dry-run" ? { "x-amz-meta-mode": mode } : {}),
          ...(mode === "confirmed" ? { "x-amz-meta-confirm": "yes" } : {}),
        },
      },
      { signingDate: new Date(Date.now() + session.skew) },
    );
    const { host: _, ...headers } = signed.headers;
    const answer = await fetch(url, { method: "PUT", headers, body });
    if (answer.status === 403) throw new CloudError({ kind: "denied", action: "s3:PutObject", resource });
    if (answer.status === 503) throw new CloudError({ kind: "throttled" });
    const version = answer.headers.get("x-amz-version-id");
    if (!answer.ok) throw new CloudError({ kind: "other", message: `S3 answered ${answer.status}` });
    if (!version) throw new CloudError({ kind: "other", message: "S3 named no version: is the bucket versioned?" });
    return version;
  } catch (error) {
    throw new CloudError(troubleOf(error));
  }
}

function encoded(part: string): string {
  return encodeURIComponent(part).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

function hex(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
