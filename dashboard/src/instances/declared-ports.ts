/** Ports of an instance as a person types them: `api:8001, ui:auto:UI_PORT`, as in a blueprint's header. */
import type { Instance } from "@roundhouse/protocol/api/instance";
import type { DeclaredPort } from "@roundhouse/protocol/ports";

export function declaredPorts({ ports }: Pick<Instance, "ports">): DeclaredPort[] {
  return ports.flatMap(({ name, declared }) => {
    return name === null || declared === null ? [] : [{ name, port: declared.port, env: declared.env }];
  });
}

export function writePorts(ports: readonly DeclaredPort[]): string {
  const parts = ports.map(({ name, port, env }) =>
    [name, port ?? "auto", env].filter((part) => part !== null).join(":"),
  );
  return parts.join(", ");
}

/** Only takes the text apart: what is wrong with a part, the answer of the API says. */
export function readPorts(text: string): DeclaredPort[] {
  const entries = text.split(",").map((entry) => entry.trim());
  return entries.filter((entry) => entry !== "").map(readPort);
}

function readPort(entry: string): DeclaredPort {
  const [name = "", number = "", ...variable] = entry.split(":").map((part) => part.trim());
  // Zero is no port, so that a number that is none is refused.
  const port = number === "auto" || number === "" ? null : Number(number) || 0;
  return { name, port, env: variable.length > 0 ? variable.join(":") : null };
}
