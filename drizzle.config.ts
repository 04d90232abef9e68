/** For `drizzle-kit studio` and for comparing; migrations are written by hand in migrations/. */
import { defineConfig } from "drizzle-kit";

export default defineConfig({ dialect: "sqlite", schema: "./workers/db/schema.ts", out: "./migrations" });
