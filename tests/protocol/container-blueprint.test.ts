import { describe, expect, it } from "vitest";
import { describeProblem } from "@roundhouse/protocol/blueprint-check";
import { NEVER_GIVEN } from "@roundhouse/protocol/container";
import { declaredPorts, readContainer } from "@roundhouse/protocol/container-blueprint";

const problemsOf = (source: string) => readContainer(source).problems.map(describeProblem);

describe("a container blueprint", () => {
  it("needs an image, and gives nothing that it does not name", () => {
    expect(readContainer("image: busybox:1.36").spec).toEqual({
      ...{ image: "busybox:1.36", port: null, ports: {}, env: {}, mounts: [], pull: "missing", pids: 512 },
      ...{ network: false, gpus: false, writable: false },
    });
  });

  it("says all that it can", () => {
    const { spec } = readContainer(`
title: Postgres
image: registry.example.com:5000/team/postgres:17@sha256:${"a".repeat(64)}
command: [postgres, -c, max_connections=50]
port: 5432
ports: { metrics: 9187, admin-ui: 8080 }
env: { POSTGRES_DB: app, WORKERS: 4 }
mounts:
  - { from: ./data, to: /var/lib/postgresql/data }
  - { from: models, to: /models, readonly: true }
network: true
gpus: true
user: 999
memory: 1.5 GiB
cpus: 0.5
`);
    expect(spec).toMatchObject({ memory: 1.5 * 1024 ** 3, user: "999", env: { POSTGRES_DB: "app", WORKERS: "4" } });
    expect(spec && declaredPorts(spec)).toEqual([
      { name: "metrics", port: null, env: "PORT_METRICS" },
      { name: "admin-ui", port: null, env: "PORT_ADMIN_UI" },
    ]);
  });

  it.each(Object.keys(NEVER_GIVEN))("refuses %s by name, at its line", (key) => {
    const [problem, ...more] = readContainer(`image: busybox:1\n${key}: true\n`).problems;
    expect(problem).toMatchObject({ line: 2, key, severity: "error" });
    expect(problem?.message).toMatch(/^it is never given: /);
    expect(more).toEqual([]);
  });

  it.each([
    ["imge: busybox", ["it is missing: the image to run", "did you mean image?"]],
    ["image: Not An Image", ['line 1, image: "Not An Image" is not right']],
    ["image: b\nport: 70000", ["line 2, port: 70000 is not right"]],
    ["image: b\nmemory: lots", ['line 2, memory: "lots" is not right: a size such as 2GiB']],
    ["image: b\nmounts:\n  - from: ../up\n    to: /x", ['line 3, mounts.0.from: "../up" is not right']],
    ["image: b\nmounts:\n  - from: ./a\n    to: /x/../y", ["line 4, mounts.0.to"]],
    ["image: b\nmounts:\n  - from: ./.\n    to: /x", ["line 3, mounts.0.from"]],
    ["image: b\nuser: root", ['line 2, user: "root" is not right: a number']],
    ["image: [", ["line 1"]],
    ["", ["it is empty: say at least image:"]],
    ["image: b\nimage: c", ["line 2"]],
  ])("says what is wrong with %j", (source, said) => {
    const problems = problemsOf(source);
    for (const words of said) expect(problems.join("\n")).toContain(words);
    expect(readContainer(source).spec).toBeUndefined();
  });

  it("does not unfold aliases without end", () => {
    const levels = Array.from({ length: 12 }, (_, n) => `  a${n + 1}: &a${n + 1} [*a${n}, *a${n}, *a${n}]`);
    const source = `image: b\nenv:\n  a0: &a0 [x]\n${levels.join("\n")}\n`;
    const { spec, problems } = readContainer(source);
    expect(spec).toBeUndefined();
    expect(problems.length).toBeGreaterThan(0);
  });
});
