/** Ports as a person types them, there and back. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { declaredPorts, readPorts, writePorts } from "../../dashboard/src/instances/declared-ports.ts";
import { DeclaredPorts } from "@roundhouse/protocol/ports";

const port = fc.record({
  name: fc.stringMatching(/^[a-z][a-z0-9]{0,9}$/).filter((name) => name !== "main"),
  port: fc.option(fc.integer({ min: 1, max: 65_535 })),
  env: fc.option(fc.stringMatching(/^APP_[A-Z]{1,8}$/)),
});

it("ports that are written are read again as they were", () => {
  fc.assert(
    fc.property(fc.array(port, { maxLength: 8 }), (some) => {
      const declared = DeclaredPorts.safeParse(some);
      fc.pre(declared.success);
      const ports = some.map(({ name, ...rest }) => ({
        ...{ name, port: rest.port, url: "", http: false, exposed: false, declared: rest },
      }));
      const found = { name: null, port: 9000, url: "", http: true, exposed: false, declared: null };
      expect(readPorts(writePorts(declaredPorts({ ports: [...ports, found] })))).toEqual(declared.data);
    }),
  );
});

it("what cannot be understood reaches the API, which says what is wrong", () => {
  expect(DeclaredPorts.safeParse(readPorts("api")).success).toBe(false);
  expect(DeclaredPorts.safeParse(readPorts("api:eight:API_PORT")).success).toBe(false);
  expect(DeclaredPorts.safeParse(readPorts("api:8001:A:B")).success).toBe(false);
  expect(readPorts(" , ")).toEqual([]);
});
