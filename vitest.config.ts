import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

/** Their nodes give out the same ports. */
const ONE_HOUSE_AT_A_TIME = { fileParallelism: false, testTimeout: 180_000, hookTimeout: 180_000 };

/**
 * `unit` runs in Node, `workers` inside workerd, `e2e` drives the real product (built first by scripts/test.ts), and so does
 * `waits`, whose tests only wait, for minutes.
 */
export default defineConfig({
  test: {
    onConsoleLog: (line) => !/^hub of \S+ awake/.test(line),
    projects: [
      {
        test: {
          name: "unit",
          include: ["tests/{bench,protocol,worker-agent,blueprints,local,dashboard,scripts}/**/*.test.ts"],
          testTimeout: 20_000,
        },
      },
      {
        plugins: [
          cloudflareTest(async () => ({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              bindings: {
                TEST_MIGRATIONS: await readD1Migrations("./migrations"),
                MULTIPLEXER_FRAMES: process.env["MULTIPLEXER_FRAMES"] ?? "10000",
                MASTER_KEY: "dGVzdC1tYXN0ZXIta2V5LXRoYXQtaXMtMzItYnl0ZXM",
                PUBLIC_URL: "http://localhost:8787",
                APPS_DOMAIN: "apps.localhost:8787",
                ROUNDHOUSE_ADMIN_KEY: "preset-admin-key-for-tests-0123456789",
              },
            },
          })),
        ],
        test: {
          name: "workers",
          // Loading the whole Worker takes longer than most files' tests.
          isolate: false,
          setupFiles: ["tests/workers/clean.ts"],
          include: ["tests/workers/**/*.test.ts"],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["tests/e2e/**/*.test.ts"],
          ...ONE_HOUSE_AT_A_TIME,
        },
      },
      {
        test: {
          name: "waits",
          include: ["tests/waits/**/*.test.ts"],
          ...ONE_HOUSE_AT_A_TIME,
        },
      },
    ],
  },
});
