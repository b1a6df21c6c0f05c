import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/*.test.ts"],
    // One stack and two cores: one file after the other.
    fileParallelism: false,
    globalSetup: "tests/seed.ts",
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
