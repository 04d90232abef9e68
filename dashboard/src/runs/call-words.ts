/** A tool's arguments as a person reads them: a command as a line, a file as its text, the rest by name. */

export type CallWords = {
  /** What it is about, in one line. */
  line: string;
  /** A long text among the arguments. */
  text: { label: string; content: string } | null;
  /** The rest. */
  facts: readonly { name: string; value: string }[];
};

type Arguments = Readonly<Record<string, unknown>>;

export function callWords(tool: string, args: Arguments): CallWords {
  switch (tool) {
    case "exec_command":
      return words(args, commandLine(args), ["command", "args"], null);
    case "write_file":
      return words(args, textOf(args["path"]), ["path"], { name: "content", label: "Text to write" });
    case "http_request":
      return words(args, requestLine(args), ["method", "instance", "port", "path"], { name: "body", label: "Body" });
    case "search_files":
      return words(args, searchLine(args), ["path", "name", "text"], null);
    case "read_output":
      return words(args, "", [], null);
    default: {
      const subject = ["path", "instance"].find((name) => typeof args[name] === "string");
      return words(
        args,
        subject === undefined ? "" : textOf(args[subject]),
        subject === undefined ? [] : [subject],
        null,
      );
    }
  }
}

function words(
  args: Arguments,
  line: string,
  inLine: readonly string[],
  long: { name: string; label: string } | null,
): CallWords {
  const content = long === null ? undefined : args[long.name];
  const text = long !== null && typeof content === "string" && content !== "" ? { label: long.label, content } : null;
  const facts = Object.entries(args)
    .filter(([name, value]) => !inLine.includes(name) && name !== long?.name && !isEmpty(value))
    .map(([name, value]) => ({ name, value: textOf(value) }));
  return { line, text, facts };
}

function commandLine({ command, args }: Arguments): string {
  const rest: unknown[] = Array.isArray(args) ? args : [];
  return [command, ...rest].map((part) => quoted(textOf(part))).join(" ");
}

/** As a shell would need it. */
function quoted(part: string): string {
  if (part !== "" && /^[\w@%+=:,./-]+$/.test(part)) return part;
  return `'${part.replaceAll("'", `'\\''`)}'`;
}

function requestLine({ method = "GET", instance, port, path }: Arguments): string {
  const place = port === undefined ? textOf(instance) : `${textOf(instance)}:${textOf(port)}`;
  return `${textOf(method)} ${place}${textOf(path)}`;
}

function searchLine({ path, name = "*", text }: Arguments): string {
  const files = `${textOf(name)} below ${textOf(path)}`;
  return text === undefined ? files : `“${textOf(text)}” in ${files}`;
}

function textOf(value: unknown): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === "object" && Object.keys(value).length === 0);
}
