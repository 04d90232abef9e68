/** A boxed message: an error with its hint, a warning, or an empty place with what to do. */
import type { ComponentChildren } from "preact";
import { ApiError } from "../api/errors.ts";
import { Icon } from "./icon.tsx";
import css from "./notice.module.css";

export function ErrorNotice({ error, children }: { error: unknown; children?: ComponentChildren }) {
  if (error === null || error === undefined) return null;
  const message = error instanceof Error ? error.message : "Something went wrong.";
  const hint = error instanceof ApiError ? error.hint : undefined;
  return (
    <div class={css.error} role="alert">
      <Icon name="warning" size={16} />
      <div>
        <strong>{message}</strong>
        {hint && <p>{hint}</p>}
        {children}
      </div>
    </div>
  );
}

export function Warning({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class={css.warning} role="note">
      <Icon name="warning" size={16} />
      <div>
        <strong>{title}</strong>
        {children}
      </div>
    </div>
  );
}

export function EmptyPlace({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class={css.empty}>
      <svg
        width="72"
        height="72"
        viewBox="0 0 72 72"
        fill="none"
        stroke="currentColor"
        stroke-width="2"
        aria-hidden="true"
      >
        <circle cx="36" cy="36" r="17" />
        <path d="M36 4v10M58.6 13.4l-7 7M68 36H58M58.6 58.6l-7-7M36 68V58M13.4 58.6l7-7M4 36h10M13.4 13.4l7 7" />
        <path d="M24 40 40 24M32 48l16-16" stroke-dasharray="3 3" />
      </svg>
      <h2>{title}</h2>
      {children}
    </div>
  );
}
