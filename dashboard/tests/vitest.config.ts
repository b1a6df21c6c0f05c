import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [process.env["MEASURE"] ? "tests/measure.ts" : "tests/*.test.ts"],
    disableConsoleIntercept: true,
    // One stack and two cores: one file after the other.
    fileParallelism: false,
    globalSetup: "tests/seed.ts",
    // A page on a machine with other work takes its time; what is right comes at last.
    testTimeout: 90_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 20_000 } },
  },
});
