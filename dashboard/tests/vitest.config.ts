import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [process.env["MEASURE"] ? "tests/measure.ts" : "tests/*.test.ts"],
    disableConsoleIntercept: true,
    // One stack and two cores: one file after the other.
    fileParallelism: false,
    globalSetup: "tests/seed.ts",
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
