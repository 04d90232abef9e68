/** A package index on loopback, with wheels that are made here. */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";

/** A wheel is a zip with the package and what is said about it. */
const MAKE_WHEEL = `
import io, sys, zipfile
name, version, body, *requires = sys.argv[1:]
module = name.replace("-", "_")
info = f"{module}-{version}.dist-info"
metadata = "".join([f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n"] + [f"Requires-Dist: {one}\\n" for one in requires])
out = io.BytesIO()
with zipfile.ZipFile(out, "w") as wheel:
    wheel.writestr(f"{module}/__init__.py", body)
    wheel.writestr(f"{info}/METADATA", metadata)
    wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(f"{info}/RECORD", "")
sys.stdout.buffer.write(out.getvalue())`;

export class PackageIndex {
  readonly #wheels = new Map<string, Buffer>();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      const [, first = "", second = ""] = (request.url ?? "").split("/");
      const file = first === "files" ? this.#wheels.get(second) : undefined;
      if (file) response.end(file);
      else response.setHeader("content-type", "text/html").end(this.#page(second));
    });
  }

  static async open(): Promise<PackageIndex> {
    const index = new PackageIndex();
    await once(index.#server.listen(0, "127.0.0.1"), "listening");
    return index;
  }

  /** For `--index-url`. */
  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}/simple/`;
  }

  /** `module` is the text of the package's module. */
  add(
    name: string,
    version: string,
    { requires = [], module = "" }: { requires?: string[]; module?: string } = {},
  ): void {
    const file = `${name.replaceAll("-", "_")}-${version}-py3-none-any.whl`;
    this.#wheels.set(file, execFileSync("python3", ["-c", MAKE_WHEEL, name, version, module, ...requires]));
  }

  close(): void {
    this.#server.close();
  }

  /** A project's page (PEP 503): links to its files. */
  #page(project: string): string {
    const own = [...this.#wheels.keys()].filter((name) => name.startsWith(`${project.replaceAll("-", "_")}-`));
    return own.map((name) => `<a href="/files/${name}">${name}</a>`).join("\n");
  }
}
