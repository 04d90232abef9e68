/** Adds an MCP server: from a preset that is filled in and looked at first, or written by hand. */
import { useQuery } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import { useLocation } from "wouter-preact";
import type { McpPreset, NewMcpServer } from "@roundhouse/protocol/api/mcp-server";
import { blockedFor } from "../api/session.ts";
import { Button } from "../parts/button.tsx";
import { ErrorNotice } from "../parts/notice.tsx";
import frame from "../parts/page.module.css";
import { CustomForm } from "./custom-form.tsx";
import css from "./mcp.module.css";
import { SERVERS_PATH } from "./paths.ts";
import type { PresetDraft } from "./preset-draft.ts";
import { PresetForm } from "./preset-form.tsx";
import { mcpPresetsQuery } from "./queries.ts";
import { Review } from "./review.tsx";

type Step =
  | { at: "choose" }
  | { at: "fill"; preset: McpPreset }
  | { at: "review"; preset: McpPreset; server: NewMcpServer }
  /** `server`: what it begins with. */
  | { at: "custom"; server: NewMcpServer | null };

export function AddMcpServerPage() {
  const [, navigate] = useLocation();
  const [step, setStep] = useState<Step>({ at: "choose" });
  const [kept, setKept] = useState<PresetDraft>();
  const choose = (): void => {
    setKept(undefined);
    setStep({ at: "choose" });
  };
  return (
    <div class={`${frame.page} ${step.at === "choose" ? "" : frame.narrow}`}>
      <header class={frame.head}>
        <div>
          <h1>{titleOf(step)}</h1>
          <p class={frame.quiet}>Tools for models, run on one of your nodes</p>
        </div>
        <Button onClick={() => navigate(SERVERS_PATH)}>Cancel</Button>
      </header>
      {step.at === "choose" && (
        <Marketplace
          onPreset={(preset) => setStep({ at: "fill", preset })}
          onCustom={() => setStep({ at: "custom", server: null })}
        />
      )}
      {step.at === "fill" && (
        <PresetForm
          preset={step.preset}
          kept={kept}
          onKeep={setKept}
          onFilled={(server) => setStep({ at: "review", preset: step.preset, server })}
          onBack={choose}
        />
      )}
      {step.at === "review" && (
        <Review
          server={step.server}
          onBack={() => setStep({ at: "fill", preset: step.preset })}
          onChange={() => setStep({ at: "custom", server: step.server })}
        />
      )}
      {step.at === "custom" && <CustomForm beginning={step.server} onBack={choose} />}
    </div>
  );
}

function titleOf(step: Step): string {
  switch (step.at) {
    case "choose":
      return "Add an MCP server";
    case "fill":
      return `Add ${step.preset.title}`;
    case "review":
      return `What ${step.server.name} will run`;
    case "custom":
      return "Add a server of your own";
  }
}

type MarketplaceProps = { onPreset: (preset: McpPreset) => void; onCustom: () => void };

function Marketplace({ onPreset, onCustom }: MarketplaceProps) {
  const { data: presets = [], error } = useQuery(mcpPresetsQuery);
  return (
    <>
      <ErrorNotice error={error} />
      <ul class={css.cards} aria-label="Servers to choose from">
        {presets.map((preset) => (
          <li key={preset.id} class={css.card}>
            <h2>{preset.title}</h2>
            <p class={css.description}>{preset.description}</p>
            <p class={css.quiet}>
              {preset.needs !== "" && (
                <>
                  Needs: {preset.needs}
                  <br />
                </>
              )}
              It runs {preset.ways.map((way) => (way === "container" ? "in a container" : "as a program")).join(" or ")}
            </p>
            <div class={css.buttons}>
              <Button
                icon="plus"
                aria-label={`Choose ${preset.title}`}
                blocked={blockedFor("operator")}
                onClick={() => onPreset(preset)}
              >
                Choose
              </Button>
            </div>
          </li>
        ))}
        <li class={css.card}>
          <h2>Custom</h2>
          <p class={css.description}>
            Any other server: a command such as npx or uvx, a container image, or one that listens on a port of a node
            already.
          </p>
          <div class={css.buttons}>
            <Button
              icon="pencil"
              aria-label="Write it: a custom server"
              blocked={blockedFor("operator")}
              onClick={onCustom}
            >
              Write it
            </Button>
          </div>
        </li>
      </ul>
    </>
  );
}
