/** The header line `# roundhouse.ports = api:8001, ui:auto:UI_PORT`: a name, a number or `auto`, and the variable that tells it. */
import { DeclaredPort, DeclaredPorts } from "./ports.ts";

/** Every entry that can be understood, and words about the others. */
export function readDeclaredPorts(text: string | undefined): { ports: DeclaredPort[]; problems: string[] } {
  const ports: DeclaredPort[] = [];
  const problems: string[] = [];
  for (const entry of (text ?? "").split(",").map((one) => one.trim())) {
    if (entry === "") continue;
    const port = readEntry(entry);
    if (typeof port === "string") problems.push(`ports: ${JSON.stringify(entry)}: ${port}`);
    else if (!DeclaredPorts.safeParse([...ports, port]).success)
      problems.push(`ports: ${JSON.stringify(entry)}: ${REPEATED}`);
    else ports.push(port);
  }
  return { ports, problems };
}

const REPEATED = "repeats an earlier one, or is one too many";

/** The port, or what is wrong with it. */
function readEntry(entry: string): DeclaredPort | string {
  const [name, number, env = null, ...rest] = entry.split(":").map((part) => part.trim());
  if (number === undefined || rest.length > 0) return "write it like api:8001, or ui:auto:UI_PORT";
  const port = number === "auto" ? null : Number(number);
  const parsed = DeclaredPort.safeParse({ name, port, env });
  return parsed.success ? parsed.data : (parsed.error.issues[0]?.message ?? "is no port");
}
