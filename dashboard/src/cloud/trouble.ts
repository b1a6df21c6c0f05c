import { CloudError } from "./cloud.ts";

/** Why an answer did not come, as far as people can do something about it. */
export type Trouble =
  | { kind: "denied"; action: string; resource: string }
  | { kind: "no-role" }
  | { kind: "throttled" }
  | { kind: "offline" }
  | { kind: "no-index" }
  | { kind: "no-table" }
  | { kind: "expired" }
  | { kind: "clock" }
  | { kind: "other"; message: string };

const DENIED = /not authorized to perform: ([\w:*]+)(?: on resource: (\S+))?/;
const THROTTLED = /Throttl|ProvisionedThroughputExceeded|RequestLimitExceeded|TooManyRequests|SlowDown/;
const CLOCK = /InvalidSignature|RequestTimeTooSkewed|SignatureDoesNotMatch|RequestExpired/;
const EXPIRED = /ExpiredToken|UnrecognizedClient|InvalidClientTokenId/;

export function troubleOf(error: unknown): Trouble {
  if (error instanceof CloudError) return error.trouble;
  const name = error instanceof Error ? error.name : "";
  const message = error instanceof Error ? error.message : String(error);
  const [, action, resource = ""] = DENIED.exec(message) ?? [];
  if (action) return { kind: "denied", action, resource };
  // What the identity pool says to somebody in no group.
  if (name === "NotAuthorizedException") return { kind: "no-role" };
  if (/AccessDenied/.test(name)) return { kind: "denied", action: message, resource };
  if (THROTTLED.test(name)) return { kind: "throttled" };
  if (CLOCK.test(name)) return { kind: "clock" };
  if (EXPIRED.test(name)) return { kind: "expired" };
  if (name === "ResourceNotFoundException") return { kind: "no-table" };
  if (name === "ValidationException" && /index/i.test(message)) return { kind: "no-index" };
  // A request that got no answer at all: fetch says no more than this.
  if (name === "TimeoutError" || (name === "TypeError" && /fetch|network|load failed/i.test(message))) {
    return { kind: "offline" };
  }
  return { kind: "other", message: `${name}: ${message}` };
}
