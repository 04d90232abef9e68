/** The tool tester: a form made of a tool's schema, and what it answers. */
import { useQuery } from "@tanstack/preact-query";
import { useState } from "preact/hooks";
import type { McpServer, McpTool } from "@roundhouse/protocol/api/mcp-server";
import { fieldErrors } from "../api/field-errors.ts";
import { blockedFor } from "../api/session.ts";
import { now } from "../live/now.ts";
import { Button } from "../parts/button.tsx";
import { Check, SelectField, TextArea } from "../parts/field.tsx";
import { formatDuration } from "../parts/format.ts";
import { EmptyPlace, ErrorNotice } from "../parts/notice.tsx";
import { Visible } from "../parts/visible.tsx";
import { visibleText } from "../parts/visible.ts";
import css from "./mcp.module.css";
import { mcpToolsQuery } from "./queries.ts";
import { ResultView } from "./result-view.tsx";
import { TryFields } from "./try-fields.tsx";
import {
  argumentsOf,
  beginningTexts,
  noFormProblem,
  rawArguments,
  textsOf,
  tryFields,
  type TryTexts,
} from "./try-form.ts";
import { type Try, useTry } from "./use-try.ts";

type PaneProps = { server: McpServer; wanted: string | null };

/** `wanted`: the tool that it begins with. */
export function TryPane({ server, wanted }: PaneProps) {
  const { data: tools, error } = useQuery(mcpToolsQuery(server.id));
  const [chosen, setChosen] = useState(wanted);
  const approved = (tools?.items ?? []).filter(({ status }) => status === "approved");
  const tool = approved.find(({ name }) => name === chosen) ?? approved[0];
  return (
    <div class={css.pane}>
      <ErrorNotice error={error} />
      {tools !== undefined && tool === undefined && (
        <EmptyPlace title="No tool is approved yet">
          <p>Approve one under Tools: only what was approved is ever called.</p>
        </EmptyPlace>
      )}
      {tool !== undefined && (
        <>
          <SelectField
            label="Tool"
            value={tool.name}
            options={approved.map(({ name }) => ({ value: name, label: visibleText(name) }))}
            onChange={setChosen}
          />
          <TryTool key={`${tool.name} ${tool.hash}`} server={server} tool={tool} />
        </>
      )}
    </div>
  );
}

function TryTool({ server, tool }: { server: McpServer; tool: McpTool }) {
  const { current, run, cancel } = useTry(server.id);
  const form = useForm(tool);
  const isRunning = current.state === "running";
  const away = server.state === "unreachable" ? `${server.nodeName} is not connected.` : undefined;
  const submit = (event: Event): void => {
    event.preventDefault();
    const args = form.read();
    if (args !== undefined && !isRunning) void run(tool.name, args);
  };
  const refused = current.state === "failed" ? fieldErrors(current.error)["arguments"] : undefined;
  return (
    <form class={css.try} noValidate onSubmit={submit}>
      {tool.definition.description !== undefined && (
        <p class={css.said}>
          <Visible text={tool.definition.description} />
        </p>
      )}
      <Check checked={form.isRaw} onChange={form.setRaw}>
        Write the arguments as JSON
      </Check>
      {form.isRaw ? (
        <TextArea
          label="Arguments"
          mono
          rows={8}
          value={form.raw}
          error={form.problems["arguments"] ?? refused}
          onInput={form.setRawText}
        />
      ) : (
        <TryFields fields={form.fields} texts={form.texts} problems={form.problems} onChange={form.setText} />
      )}
      <div class={css.buttons}>
        <Button type="submit" look="primary" icon="play" blocked={blockedFor("operator") ?? away} busy={isRunning}>
          Run it
        </Button>
        {isRunning && (
          <Button icon="stop" onClick={cancel}>
            Cancel
          </Button>
        )}
      </div>
      <div aria-live="polite">
        <Outcome current={current} />
      </div>
    </form>
  );
}

function Outcome({ current }: { current: Try }) {
  switch (current.state) {
    case "none":
      return null;
    case "running":
      return <p class={css.quiet}>It runs, for {formatDuration(now.value - current.since)} now…</p>;
    case "cancelled":
      return <p>Cancelled. What it had done by then is done.</p>;
    case "failed":
      return <ErrorNotice error={current.error} />;
    case "answered":
      return <ResultView answer={current.answer} />;
  }
}

function useForm({ definition: { inputSchema } }: McpTool) {
  const fields = tryFields(inputSchema);
  const [texts, setTexts] = useState<TryTexts>(() => beginningTexts(inputSchema));
  const [raw, setRawText] = useState("{}");
  // A schema without named fields can only be filled in as JSON.
  const [isRaw, setIsRaw] = useState(fields.length === 0 && Object.keys(inputSchema).length > 1);
  const [problems, setProblems] = useState<Record<string, string>>({});

  const setRaw = (on: boolean): void => {
    if (on) {
      const read = argumentsOf(fields, texts);
      setRawText(JSON.stringify("arguments" in read ? read.arguments : {}, null, 2));
    } else {
      const read = rawArguments(raw);
      const problem = "problem" in read ? read.problem : noFormProblem(fields, read.arguments);
      if (problem !== undefined) return setProblems({ arguments: problem });
      if ("arguments" in read) setTexts(textsOf(fields, read.arguments));
    }
    setProblems({});
    setIsRaw(on);
  };
  const read = (): Record<string, unknown> | undefined => {
    const result = isRaw ? rawArguments(raw) : argumentsOf(fields, texts);
    setProblems("problems" in result ? result.problems : "problem" in result ? { arguments: result.problem } : {});
    return "arguments" in result ? result.arguments : undefined;
  };
  const setText = (name: string, text: string): void => setTexts({ ...texts, [name]: text });
  return { fields, texts, setText, raw, setRawText, isRaw, setRaw, problems, read };
}
