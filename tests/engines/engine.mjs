// An engine that a node can run: serves one GGUF model over an OpenAI-compatible API. `node engine.mjs <model> <port>`
import { createServer } from "node:http";
import { getLlama, LlamaCompletion } from "node-llama-cpp";

const [file, port] = process.argv.slice(2);
const llama = await getLlama({ gpu: false, build: "never", maxThreads: 1, progressLogs: false });
const model = await llama.loadModel({ modelPath: file });
const context = await model.createContext({ contextSize: 1024, threads: 1 });

const server = createServer(async (request, response) => {
  if (request.url === "/v1/models")
    return answer(response, { object: "list", data: [{ id: "tiny", object: "model" }] });
  if (request.url !== "/v1/chat/completions") return response.writeHead(404).end();
  let body = "";
  for await (const piece of request) body += piece;
  const { messages, stream } = JSON.parse(body);
  const last = String(messages.at(-1)?.content ?? "").slice(-200);
  const { text, input, output } = await complete(last);
  const head = { id: "chatcmpl-tiny", created: Math.floor(Date.now() / 1000), model: "tiny" };
  const usage = { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
  if (!stream) {
    const choices = [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }];
    return answer(response, { ...head, object: "chat.completion", choices, usage });
  }
  response.writeHead(200, { "content-type": "text/event-stream" });
  const say = (part) =>
    response.write(`data: ${JSON.stringify({ ...head, object: "chat.completion.chunk", ...part })}\n\n`);
  say({ choices: [{ index: 0, delta: { role: "assistant", content: text }, finish_reason: null }] });
  say({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
  say({ choices: [], usage });
  response.end("data: [DONE]\n\n");
});
server.listen(Number(port), "127.0.0.1", () => console.log(`serving ${file} on ${port}`));

function answer(response, body) {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
}

let turn = Promise.resolve();
function complete(prompt) {
  turn = turn.then(async () => {
    const sequence = context.getSequence();
    try {
      const completion = new LlamaCompletion({ contextSequence: sequence });
      const tokens = model.tokenize(prompt);
      const text = await completion.generateCompletion(tokens, { temperature: 0, maxTokens: 200 });
      return { text, input: tokens.length, output: model.tokenize(text).length };
    } finally {
      await sequence.dispose();
    }
  });
  return turn;
}
