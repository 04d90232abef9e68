/** What a tool is called with. */
import { Folded } from "../parts/folded.tsx";
import { callWords } from "./call-words.ts";
import css from "./trace.module.css";

type CallViewProps = {
  tool: string;
  args: Readonly<Record<string, unknown>>;
  node: string | null;
  /** A diff says more than the text alone. */
  withoutText?: boolean;
};

export function CallView({ tool, args, node, withoutText }: CallViewProps) {
  const { line, text, facts } = callWords(tool, args);
  return (
    <>
      <p class={css.call}>
        <strong>{tool}</strong>
        {node !== null && <span class={css.quiet}>on {node}</span>}
        {facts.map(({ name, value }) => (
          <span key={name} class={css.fact}>
            <span class={css.quiet}>{name}</span> {value}
          </span>
        ))}
      </p>
      {line !== "" && <code class={css.line}>{line}</code>}
      {text && !withoutText && <Folded label={text.label} text={text.content} />}
    </>
  );
}
