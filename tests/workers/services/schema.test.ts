import { getTableColumns, getTableName, is } from "drizzle-orm";
import { getTableConfig, SQLiteTable } from "drizzle-orm/sqlite-core";
import { beforeAll, expect, it } from "vitest";
import * as schema from "../../../workers/db/schema.ts";
import { type Harness, makeHarness } from "../api/harness.ts";

let h: Harness;
beforeAll(async () => {
  h = await makeHarness();
});

const byName = (a: { name: string }, b: { name: string }): number => a.name.localeCompare(b.name);

type Column = { name: string; type: string; notnull: number; pk: number };
const tables = Object.values(schema).filter((value) => is(value, SQLiteTable));

it("the migrated database has exactly the tables of the schema", async () => {
  const { results } = await h.env.DB.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all<{
    name: string;
  }>();
  const own = results.map((row) => row.name).filter((name) => !/^(sqlite_|_cf_|d1_migrations)/.test(name));
  expect(own.toSorted()).toEqual(tables.map((table) => getTableName(table)).toSorted());
});

it.each(tables.map((table) => [getTableName(table), table] as const))(
  "%s has the columns of the schema",
  async (name, table) => {
    const { results } = await h.env.DB.prepare(`PRAGMA table_info(${name})`).all<Column>();
    const primaryKeys = new Set(
      getTableConfig(table).primaryKeys.flatMap((key) => key.columns.map((column) => column.name)),
    );
    const expected = Object.values(getTableColumns(table)).map((column) => ({
      name: column.name,
      type: column.getSQLType().toUpperCase(),
      isNotNull: column.notNull,
      isPrimaryKey: column.primary || primaryKeys.has(column.name),
    }));
    const actual = results.map((column) => ({
      name: column.name,
      type: column.type,
      isNotNull: column.notnull === 1,
      isPrimaryKey: column.pk > 0,
    }));
    // A column that was added later stands last in the database, and where it belongs in the schema.
    expect(actual.toSorted(byName)).toEqual(expected.toSorted(byName));
  },
);

it.each(tables.map((table) => [getTableName(table), table] as const))(
  "%s has the indexes of the schema",
  async (name, table) => {
    const { results } = await h.env.DB.prepare(`PRAGMA index_list(${name})`).all<{ name: string; origin: string }>();
    const made = results.filter((index) => index.origin === "c").map((index) => index.name);
    expect(made.toSorted()).toEqual(
      getTableConfig(table)
        .indexes.map((index) => index.config.name)
        .toSorted(),
    );
  },
);
