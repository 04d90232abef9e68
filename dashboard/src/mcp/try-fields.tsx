/** The fields of a tool's form. */
import { SelectField, TextArea, TextField } from "../parts/field.tsx";
import { visibleText } from "../parts/visible.ts";
import css from "./mcp.module.css";
import type { TryField, TryTexts } from "./try-form.ts";

type FieldsProps = {
  fields: readonly TryField[];
  texts: TryTexts;
  problems: Readonly<Record<string, string>>;
  onChange: (name: string, text: string) => void;
};

export function TryFields({ fields, texts, problems, onChange }: FieldsProps) {
  if (fields.length === 0) return <p class={css.quiet}>It takes no argument.</p>;
  return (
    <>
      {fields.map((field) => (
        <OneField
          key={field.name}
          field={field}
          text={texts[field.name] ?? ""}
          problem={problems[field.name]}
          onInput={(text) => onChange(field.name, text)}
        />
      ))}
    </>
  );
}

type OneProps = { field: TryField; text: string; problem: string | undefined; onInput: (text: string) => void };

function OneField({ field, text, problem, onInput }: OneProps) {
  const { name, kind, required, type, description } = field;
  const common = {
    label: `${visibleText(name)}${required ? "" : " (may be left out)"}`,
    help: visibleText([type, description].filter(Boolean).join(": ")),
    error: problem,
    value: text,
  };
  const none = { value: "", label: required ? "choose" : "left out" };
  switch (kind.is) {
    case "text":
      return kind.isLong ? (
        <TextArea {...common} rows={2} onInput={onInput} />
      ) : (
        <TextField {...common} onInput={onInput} />
      );
    case "number":
      return <TextField {...common} inputMode={kind.isWhole ? "numeric" : "decimal"} onInput={onInput} />;
    case "boolean":
      return (
        <SelectField
          {...common}
          options={[none, { value: "true", label: "yes" }, { value: "false", label: "no" }]}
          onChange={onInput}
        />
      );
    case "choice":
      return (
        <SelectField
          {...common}
          options={[none, ...kind.values.map((value) => ({ value, label: visibleText(value) }))]}
          onChange={onInput}
        />
      );
    case "json":
      return <TextArea {...common} help={`As JSON, ${common.help}`} mono rows={3} onInput={onInput} />;
  }
}
