/** What a tool's server says of it, all of it a stranger's text. */
import type { McpTool } from "@roundhouse/protocol/api/mcp-server";
import { Folded } from "../parts/folded.tsx";
import { Warning } from "../parts/notice.tsx";
import { Visible } from "../parts/visible.tsx";
import { hiddenCount, visibleText } from "../parts/visible.ts";
import { claimsOf } from "./claims.ts";
import css from "./mcp.module.css";
import { type SchemaField, schemaFields } from "./schema-fields.ts";

export function Definition({ tool: { name, definition } }: { tool: McpTool }) {
  const json = JSON.stringify(definition, null, 2);
  const fields = schemaFields(definition.inputSchema);
  const hidden = hiddenIn(definition);
  const claims = claimsOf(definition.annotations);
  return (
    <div class={css.definition}>
      {hidden > 0 && (
        <Warning title={`It has ${hidden} ${hidden === 1 ? "character" : "characters"} that cannot be seen`}>
          <p>A model reads them all the same. They are shown as ⟨U+…⟩.</p>
        </Warning>
      )}
      {definition.description !== undefined && definition.description !== "" ? (
        <p class={css.said}>
          <Visible text={definition.description} />
        </p>
      ) : (
        <p class={css.quiet}>It has no description.</p>
      )}
      {claims.length > 0 && (
        <p class={css.claims}>
          {claims.map((claim) => (
            <span key={claim}>{claim}</span>
          ))}
        </p>
      )}
      {fields.length > 0 ? (
        <Fields name={name} fields={fields} />
      ) : (
        <p class={css.quiet}>It takes no named argument.</p>
      )}
      <details>
        <summary>All that a model reads of it, as JSON</summary>
        <Folded label={`Definition of ${name} as JSON`} text={visibleText(json)} />
      </details>
    </div>
  );
}

/** In all its texts and names: JSON has its own signs for some of them. */
function hiddenIn(definition: McpTool["definition"]): number {
  let count = 0;
  JSON.stringify(definition, (name, value: unknown) => {
    count += hiddenCount(name) + (typeof value === "string" ? hiddenCount(value) : 0);
    return value;
  });
  return count;
}

function Fields({ name, fields }: { name: string; fields: readonly SchemaField[] }) {
  return (
    <ul class={css.fields} aria-label={`Arguments of ${visibleText(name)}`}>
      {fields.map((field) => (
        <li key={field.path}>
          <code>
            <Visible text={field.path} />
          </code>
          <span class={css.quiet}>
            <Visible text={field.type} />
            {field.required && ", needed"}
            {field.default !== null && (
              <>
                , else <Visible text={field.default} />
              </>
            )}
          </span>
          {field.description !== null && <Visible text={field.description} />}
        </li>
      ))}
    </ul>
  );
}
