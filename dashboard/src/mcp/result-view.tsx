/** What a tool answered. */
import type { McpCallResult } from "@roundhouse/protocol/api/mcp-server";
import { StatusMark } from "../instances/status.tsx";
import { Folded } from "../parts/folded.tsx";
import { visibleText } from "../parts/visible.ts";
import css from "./mcp.module.css";
import { readResult, type ResultBlock } from "./result-blocks.ts";

export function ResultView({ answer: { result, durationMs } }: { answer: McpCallResult }) {
  const { isError, blocks, structured } = readResult(result);
  return (
    <section class={css.result} aria-label="Result">
      <p class={css.facts}>
        <StatusMark
          mark={isError ? "cross" : "full"}
          tone={isError ? "bad" : "ok"}
          word={isError ? "the tool says it failed" : "answered"}
        />
        <span class={css.quiet}>{durationWords(durationMs)}</span>
      </p>
      {blocks.length === 0 && <p class={css.quiet}>It answered nothing to read.</p>}
      {blocks.map((block, index) => (
        <Block key={index} block={block} />
      ))}
      {structured !== null && (
        <>
          <h3>Structured</h3>
          <Folded label="Structured content as JSON" text={visibleText(structured)} />
        </>
      )}
    </section>
  );
}

function Block({ block }: { block: ResultBlock }) {
  switch (block.kind) {
    case "text":
      return <Folded label={visibleText(block.label)} text={visibleText(block.text)} />;
    case "image":
      return <img class={css.picture} src={block.src} alt={`Picture of the tool, ${block.type}`} />;
    case "note":
      return <p>{visibleText(block.text)}</p>;
  }
}

function durationWords(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
}
