/** The tool program, a keeper's child: does one thing that changes something, as the apps' user, and says how it went. */
import { toFileProblem } from "../../files/problem.ts";
import { askApp } from "../http.ts";
import { DID_IT, DID_NOT, type ToolJob } from "./job.ts";
import { writeText } from "./write.ts";

const chunks: Buffer[] = [];
for await (const chunk of process.stdin as AsyncIterable<Buffer>) chunks.push(chunk);
const { ok, text } = await perform(JSON.parse(Buffer.concat(chunks).toString()) as ToolJob);
// A pipe takes what is written after it can; the exit waits for that.
process.stdout.write(text, () => process.exit(ok ? DID_IT : DID_NOT));

async function perform({ does, job }: ToolJob): Promise<{ ok: boolean; text: string }> {
  if (does === "http") return askApp(job);
  try {
    return { ok: true, text: await writeText(job) };
  } catch (error) {
    return { ok: false, text: toFileProblem(error, "Nothing was changed: make room first.").told };
  }
}
