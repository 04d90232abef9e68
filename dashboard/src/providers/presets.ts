/** Providers that many people have, ready to be filled in. */

export type Preset = {
  id: string;
  label: string;
  name: string;
  baseUrl: string;
  /** It asks for an API key. */
  needsKey: boolean;
  /** It runs on a machine of one's own, which may be a node. */
  isOwn: boolean;
};

const OTHER: Preset = { id: "other", label: "Another one", name: "", baseUrl: "", needsKey: false, isOwn: true };

export const PRESETS: readonly Preset[] = [
  {
    ...{ id: "lm-studio", label: "LM Studio", name: "LM Studio", baseUrl: "http://127.0.0.1:1234/v1" },
    ...{ needsKey: false, isOwn: true },
  },
  {
    ...{ id: "ollama", label: "Ollama", name: "Ollama", baseUrl: "http://127.0.0.1:11434/v1" },
    ...{ needsKey: false, isOwn: true },
  },
  {
    ...{ id: "openai", label: "OpenAI", name: "OpenAI", baseUrl: "https://api.openai.com/v1" },
    ...{ needsKey: true, isOwn: false },
  },
  {
    ...{ id: "anthropic", label: "Anthropic", name: "Anthropic", baseUrl: "https://api.anthropic.com/v1" },
    ...{ needsKey: true, isOwn: false },
  },
  {
    ...{ id: "openrouter", label: "OpenRouter", name: "OpenRouter", baseUrl: "https://openrouter.ai/api/v1" },
    ...{ needsKey: true, isOwn: false },
  },
  OTHER,
];

export function presetById(id: string): Preset {
  return PRESETS.find((preset) => preset.id === id) ?? OTHER;
}
