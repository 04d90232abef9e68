/** Which ports a person is offered, and where each is opened. */
import { expect, it } from "vitest";
import type { InstancePort } from "@roundhouse/protocol/api/instance";
import { doorOf, webPorts } from "../../dashboard/src/instances/web-ports.ts";

const port = (name: string | null, number: number | null, http: boolean): InstancePort => ({
  ...{ name, port: number, url: "", http, exposed: false, declared: null },
});

it("offers every port with a name, and of those that were found the ones that speak HTTP", () => {
  const ports = [
    port("main", 19001, false),
    port("api", null, false),
    port(null, 8001, true),
    port(null, 40_001, false),
  ];
  const offered = webPorts({ ports });
  expect(offered.map((one) => doorOf({ id: "in_1" }, one))).toEqual([
    "/open/in_1",
    "/open/in_1?port=api",
    "/open/in_1?port=8001",
  ]);
});
