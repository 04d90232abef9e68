/** Of what must be unique, what somebody took between a check and a write. */
import type { Database } from "../../db/database.ts";
import { isUniqueViolation } from "../error.ts";
import { hostnameTaken } from "./hostname.ts";
import { nameTaken } from "./name.ts";
import { findHolder, portTaken } from "./port.ts";

type Wanted = {
  nodeId: string;
  name?: string | undefined;
  hostname?: string | null | undefined;
  port?: number | null | undefined;
};

/** Says with what somebody was faster; any other error as it is. `ownId` is whose change it was. */
export async function explainTaken(db: Database, wanted: Wanted, error: unknown, ownId?: string): Promise<unknown> {
  const { nodeId, name, hostname, port } = wanted;
  if (typeof name === "string" && isUniqueViolation(error, "instances_name")) return nameTaken(name, error);
  if (typeof hostname === "string" && isUniqueViolation(error, "instances.hostname")) {
    return hostnameTaken(hostname, undefined, error);
  }
  if (typeof port === "number" && isUniqueViolation(error, "instances.port")) {
    return portTaken(port, await findHolder(db, nodeId, port, ownId), error);
  }
  return error;
}
