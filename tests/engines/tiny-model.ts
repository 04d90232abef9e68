/**
 * Makes a model of a few megabytes in the GGUF format, version 3 (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md).
 * Its output matrix is a table of what follows what: decoded greedily, it says one text and stops, whatever it is asked.
 */

const TYPE = { u32: 4, i32: 5, f32: 6, bool: 7, text: 8, list: 9 } as const;
const ALIGNMENT = 32;
/** Kinds of tokens: 1 ordinary, 2 unknown, 3 control, 6 a byte. */
const KIND = { ordinary: 1, unknown: 2, control: 3, byte: 6 } as const;
const CONTROL = ["<unk>", "<s>", "</s>"];
const END = 2;
const CONTEXT_TOKENS = 4096;
/** Logits, before the norm's factor is taken out. */
const [FIRST, NEXT] = [8, 20];

type Value = number | boolean | string | { of: "text" | "f32" | "i32"; items: readonly (string | number)[] };
type Entry = readonly [key: string, type: keyof typeof TYPE, value: Value];
type Tensor = { name: string; shape: readonly number[]; data: Float32Array };

/** `words` are said one after the other; each is a token of its own, so the same one cannot occur twice. */
export function makeTinyModel(words: readonly string[]): Buffer {
  const bytes = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`);
  const tokens = [...CONTROL, ...bytes, ...words.map((word) => word.replaceAll(" ", "\u2581"))];
  const firstWord = CONTROL.length + bytes.length;
  // One dimension a token: the embedding of each points along an axis of its own.
  const width = Math.ceil(tokens.length / 64) * 64;
  return encode(metadata(tokens, firstWord, width), tensors(tokens.length, firstWord, words.length, width));
}

function metadata(tokens: readonly string[], firstWord: number, width: number): Entry[] {
  const kinds = tokens.map((_, at) => {
    if (at === 0) return KIND.unknown;
    if (at < CONTROL.length) return KIND.control;
    return at < firstWord ? KIND.byte : KIND.ordinary;
  });
  const llama: Entry[] = Object.entries({
    context_length: CONTEXT_TOKENS,
    embedding_length: width,
    block_count: 1,
    feed_forward_length: 64,
    "attention.head_count": width / 64,
    "attention.head_count_kv": width / 64,
    "rope.dimension_count": 64,
    vocab_size: tokens.length,
  }).map(([key, value]) => [`llama.${key}`, "u32", value]);
  return [
    ["general.architecture", "text", "llama"],
    ["general.name", "text", "tiny"],
    ["general.file_type", "u32", 0],
    ...llama,
    ["llama.attention.layer_norm_rms_epsilon", "f32", 1e-5],
    ["tokenizer.ggml.model", "text", "llama"],
    ["tokenizer.ggml.tokens", "list", { of: "text", items: tokens }],
    ["tokenizer.ggml.scores", "list", { of: "f32", items: tokens.map((_, at) => (at < firstWord ? 0 : -at)) }],
    ["tokenizer.ggml.token_type", "list", { of: "i32", items: kinds }],
    ["tokenizer.ggml.bos_token_id", "u32", 1],
    ["tokenizer.ggml.eos_token_id", "u32", END],
    ["tokenizer.ggml.unknown_token_id", "u32", 0],
    ["tokenizer.ggml.add_bos_token", "bool", true],
    ["tokenizer.ggml.add_eos_token", "bool", false],
    ["tokenizer.ggml.add_space_prefix", "bool", false],
  ];
}

function tensors(count: number, firstWord: number, words: number, width: number): Tensor[] {
  const square = [width, width];
  const zeros = (name: string, shape: readonly number[]): Tensor => ({
    name,
    shape,
    data: new Float32Array(size(shape)),
  });
  const ones = (name: string): Tensor => ({ name, shape: [width], data: new Float32Array(width).fill(1) });
  const embedding = zeros("token_embd.weight", [width, count]);
  for (let token = 0; token < count; token++) embedding.data[token * width + token] = 1;
  const block = (name: string): string => `blk.0.${name}.weight`;
  return [
    embedding,
    ones("output_norm.weight"),
    { name: "output.weight", shape: [width, count], data: followers(count, firstWord, words, width) },
    ones(block("attn_norm")),
    ...["attn_q", "attn_k", "attn_v", "attn_output"].map((name) => zeros(block(name), square)),
    ones(block("ffn_norm")),
    zeros(block("ffn_gate"), [width, 64]),
    zeros(block("ffn_up"), [width, 64]),
    zeros(block("ffn_down"), [64, width]),
  ];
}

/** Whatever comes last, the first word follows; after a word the next one, and the end after the last. */
function followers(count: number, firstWord: number, words: number, width: number): Float32Array {
  const table = new Float32Array(width * count);
  const follow = (token: number, next: number, logit: number): void => {
    table[next * width + token] = logit / Math.sqrt(width);
  };
  for (let token = 0; token < count; token++) follow(token, firstWord, FIRST);
  for (let word = firstWord; word < firstWord + words; word++) {
    follow(word, firstWord, 0);
    follow(word, word + 1 < firstWord + words ? word + 1 : END, NEXT);
  }
  return table;
}

function encode(entries: readonly Entry[], all: readonly Tensor[]): Buffer {
  const head = [Buffer.from("GGUF"), u32(3), u64(all.length), u64(entries.length)];
  for (const [key, type, value] of entries) head.push(text(key), u32(TYPE[type]), encodeValue(type, value));
  let offset = 0;
  for (const { name, shape, data } of all) {
    head.push(text(name), u32(shape.length), ...shape.map(u64), u32(0), u64(offset));
    offset += aligned(data.byteLength);
  }
  const bodies = all.map(({ data }) => padded(Buffer.from(data.buffer, data.byteOffset, data.byteLength)));
  return Buffer.concat([padded(Buffer.concat(head)), ...bodies]);
}

function encodeValue(type: keyof typeof TYPE, value: Value): Buffer {
  if (typeof value === "object") {
    const items = value.items.map((item) => encodeValue(value.of, item));
    return Buffer.concat([u32(TYPE[value.of]), u64(items.length), ...items]);
  }
  if (type === "text") return text(String(value));
  if (type === "bool") return Buffer.from([value ? 1 : 0]);
  return type === "f32" ? f32(Number(value)) : u32(Number(value));
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(bytes.length), bytes]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function f32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function size(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

function aligned(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(aligned(bytes.length) - bytes.length)]);
}
