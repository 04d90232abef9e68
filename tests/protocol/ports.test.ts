/** Ports of instances: the labels of their hosts, what may be declared, and the line of a blueprint that declares them. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseBashMetadata, portsOf } from "@roundhouse/protocol/blueprint";
import { appLabel, DeclaredPort, DeclaredPorts, findPort, parseAppLabel } from "@roundhouse/protocol/ports";
import { freeSlug, slugify } from "@roundhouse/protocol/slug";

const slugs = fc.string({ minLength: 1, maxLength: 60 }).map(slugify);
const names = fc.stringMatching(/^[a-z][a-z0-9-]{0,15}$/).filter((name) => {
  return !name.includes("--") && !name.endsWith("-") && name !== "main";
});
const keys = fc.oneof(fc.constant(null), fc.integer({ min: 1, max: 65_535 }), names);

describe("the label of a port", () => {
  it("[PT1] says slug and port, whatever an instance is called", () => {
    fc.assert(
      fc.property(slugs, keys, (slug, port) => {
        const label = appLabel(slug, port);
        expect(parseAppLabel(label)).toEqual({ slug, port });
        expect(label.length).toBeLessThanOrEqual(63);
      }),
    );
  });

  it("[PT1] is the only one that leads there: whatever can be read is written the same", () => {
    const parts = fc.oneof(fc.stringMatching(/^[a-z0-9-]{0,12}$/), fc.constantFrom("--", "main", "08001", "xn"));
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 4 }), (some) => {
        const label = some.join("");
        const parsed = parseAppLabel(label);
        if (parsed) expect(appLabel(parsed.slug, parsed.port)).toBe(label);
      }),
      { numRuns: 2000 },
    );
  });

  it("never makes a name that browsers read as another alphabet", () => {
    expect(appLabel(slugify("xn"), "api")).toBe("xn-1--api");
    fc.assert(
      fc.property(slugs, fc.integer({ min: 2, max: 99 }), (slug, number) => {
        const taken = new Set([slug, ...Array.from({ length: number }, (_, at) => `${slug}-${at + 2}`)]);
        expect(freeSlug(slug, taken)).not.toMatch(/--|^xn$/);
      }),
    );
  });
});

describe("declared ports", () => {
  it("have a number or a variable that tells it, and both are checked", () => {
    expect(DeclaredPort.parse({ name: "api", port: 8001 })).toEqual({ name: "api", port: 8001, env: null });
    expect(DeclaredPort.safeParse({ name: "ui", env: "UI_PORT" }).success).toBe(true);
    for (const bad of [
      { name: "ui" },
      { name: "main", port: 1 },
      { name: "a--b", port: 1 },
      { name: "8001", port: 1 },
      { name: "Api", port: 1 },
      { name: "seventeen-letters", port: 1 },
      { name: "api", port: 65_536 },
      { name: "api", env: "WEBUI_PORT" },
      { name: "api", env: "LD_PRELOAD" },
      { name: "api", env: "INSTANCE_CONF_DIR" },
      { name: "api", env: "A=B" },
    ]) {
      expect(DeclaredPort.safeParse(bad).success, JSON.stringify(bad)).toBe(false);
    }
  });

  it("are eight at most, and no two have a name, number or variable in common", () => {
    const some = Array.from({ length: 8 }, (_, at) => ({ name: `p${at}`, port: 8000 + at }));
    expect(DeclaredPorts.safeParse(some).success).toBe(true);
    expect(DeclaredPorts.safeParse([...some, { name: "p9", port: 9 }]).success).toBe(false);
    expect(DeclaredPorts.safeParse([some[0], { name: "p0", port: 9 }]).error?.issues[0]?.path).toEqual([1, "name"]);
    expect(DeclaredPorts.safeParse([some[0], { name: "x", port: 8000 }]).error?.issues[0]?.path).toEqual([1, "port"]);
    const twice = [
      { name: "a", env: "X" },
      { name: "b", env: "X" },
    ];
    expect(DeclaredPorts.safeParse(twice).error?.issues[0]?.path).toEqual([1, "env"]);
  });

  it("are read from a blueprint's header, and what is wrong there is named", () => {
    const header = (line: string) =>
      `### AIKORE-METADATA-START ###\n# roundhouse.ports = ${line}\n### AIKORE-METADATA-END ###\n`;
    expect(portsOf("bash", header("api:8001, ui:auto:UI_PORT"))).toEqual([
      { name: "api", port: 8001, env: null },
      { name: "ui", port: null, env: "UI_PORT" },
    ]);
    const metadata = parseBashMetadata(header("api:8001, ui:auto, Main:1, api:8002, x:y, lone"));
    expect(metadata?.ports).toEqual([{ name: "api", port: 8001, env: null }]);
    expect(metadata?.problems.map((problem) => /^ports: "([^"]+)": ./.exec(problem)?.[1])).toEqual([
      ...["ui:auto", "Main:1", "api:8002", "x:y", "lone"],
    ]);
    expect(portsOf("bash", "#!/bin/bash\n")).toEqual([]);
  });
});

it("[PT2] the main port is where the app listens, and by older agents' word the one it was given", () => {
  const seen = (port: number, name: string | null) => ({ port, name, http: true, exposed: false });
  const ports = [seen(8001, "main"), seen(9000, "api"), seen(9001, null)];
  expect(findPort({ port: 19001, ports }, null)).toBe(8001);
  expect(findPort({ port: 19001, ports: [] }, null)).toBe(19001);
  expect(findPort({ port: 19001, ports }, "api")).toBe(9000);
  expect(findPort({ port: 19001, ports }, 9001)).toBe(9001);
  expect(findPort({ port: 19001, ports }, 19001)).toBeUndefined();
});
