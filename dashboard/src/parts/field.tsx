/** Form fields with their label, help and error. */
import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";
import { classes } from "./classes.ts";
import css from "./field.module.css";

type FieldProps = {
  label: string;
  /** The label is there for those who do not see: in a row of a list, its place says as much. */
  bare?: boolean | undefined;
  help?: string;
  error?: string | undefined;
};
type ControlIds = { id: string; "aria-invalid": "true" | undefined; "aria-describedby": string | undefined };

type WithControl = FieldProps & { children: (ids: ControlIds) => ComponentChildren };

function Field({ label, bare, help, error, children }: WithControl) {
  const id = useId();
  const describedBy = help === undefined && error === undefined ? undefined : `${id}-about`;
  return (
    <div class={css.field}>
      <label for={id} class={bare ? "visually-hidden" : undefined}>
        {label}
      </label>
      {children({ id, "aria-invalid": error === undefined ? undefined : "true", "aria-describedby": describedBy })}
      {describedBy && (
        <p id={describedBy} class={error === undefined ? css.help : css.error} role={error ? "alert" : undefined}>
          {error ?? help}
        </p>
      )}
    </div>
  );
}

type TextFieldProps = FieldProps &
  Omit<JSX.InputHTMLAttributes<HTMLInputElement>, "label" | "onInput" | "value"> & {
    value: string;
    onInput: (value: string) => void;
    mono?: boolean;
  };

export function TextField({ label, bare, help, error, onInput, mono, ...rest }: TextFieldProps) {
  return (
    <Field {...{ label, bare, help, error }}>
      {(ids) => (
        <input
          autoComplete="off"
          spellcheck={false}
          {...rest}
          {...ids}
          class={classes(css.input, mono && css.mono)}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

type TextAreaProps = FieldProps & {
  value: string;
  onInput: (value: string) => void;
  rows: number;
  mono?: boolean;
  placeholder?: string;
};

export function TextArea({ label, bare, help, error, onInput, mono, ...rest }: TextAreaProps) {
  return (
    <Field {...{ label, bare, help, error }}>
      {(ids) => (
        <textarea
          {...rest}
          {...ids}
          spellcheck={!mono}
          class={classes(css.input, css.area, rest.rows === 1 && css.line, mono && css.mono)}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

type Option = { value: string; label: string; disabled?: boolean };
type SelectFieldProps = FieldProps & {
  value: string;
  options: readonly Option[];
  disabled?: boolean;
  onChange: (value: string) => void;
};

export function SelectField({ label, bare, help, error, value, options, disabled, onChange }: SelectFieldProps) {
  return (
    <Field {...{ label, bare, help, error }}>
      {(ids) => (
        <select
          {...ids}
          class={css.input}
          value={value}
          disabled={disabled}
          onChange={(event) => onChange(event.currentTarget.value)}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value} disabled={option.disabled}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

type CheckProps = {
  checked: boolean;
  onChange: (checked: boolean) => void;
  type?: "checkbox" | "radio";
  name?: string;
  disabled?: boolean;
  children: ComponentChildren;
  help?: ComponentChildren;
};

export function Check({ checked, onChange, type = "checkbox", name, disabled, children, help }: CheckProps) {
  return (
    <label class={css.check}>
      <input {...{ type, name, checked, disabled }} onChange={(event) => onChange(event.currentTarget.checked)} />
      <span>
        {children}
        {help && <small class={css.help}>{help}</small>}
      </span>
    </label>
  );
}

type GroupProps = {
  legend: string;
  /** Why none of its controls can be used, if so. */
  locked?: string | undefined;
  children: ComponentChildren;
};

export function FieldGroup({ legend, locked, children }: GroupProps) {
  return (
    <fieldset class={css.group} disabled={locked !== undefined}>
      <legend>{legend}</legend>
      {locked && <p class={css.help}>{locked}</p>}
      {children}
    </fieldset>
  );
}
