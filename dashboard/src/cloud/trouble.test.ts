import { expect, test } from "vitest";
import { CloudError } from "./cloud.ts";
import { troubleOf } from "./trouble.ts";

const failure = (name: string, message = "") => Object.assign(new Error(message), { name });

test("a refusal names the permission and the resource", () => {
  const message = "User: arn:aws:sts::1:assumed-role/viewer/x is not authorized to perform: dynamodb:Query on resource: arn:aws:dynamodb:eu:1:table/T because no policy allows it";
  expect(troubleOf(failure("AccessDeniedException", message))).toEqual({ kind: "denied", action: "dynamodb:Query", resource: "arn:aws:dynamodb:eu:1:table/T" });
});

test.each([
  ["ThrottlingException", "throttled"], ["ProvisionedThroughputExceededException", "throttled"], ["InvalidSignatureException", "clock"],
  ["ExpiredTokenException", "expired"], ["ResourceNotFoundException", "no-table"], ["NotAuthorizedException", "no-role"], ["TimeoutError", "offline"],
  ["SomethingNew", "other"],
])("%s is %s", (name, kind) => {
  expect(troubleOf(failure(name)).kind).toBe(kind);
});

test("a request without an answer is being offline, and a fault of the code is not", () => {
  expect(troubleOf(new TypeError("Failed to fetch")).kind).toBe("offline");
  expect(troubleOf(new TypeError("x is not a function")).kind).toBe("other");
  expect(troubleOf(failure("ValidationException", "The table does not have the specified index: ByStatus")).kind).toBe("no-index");
  expect(troubleOf(new CloudError({ kind: "expired" }))).toEqual({ kind: "expired" });
});
