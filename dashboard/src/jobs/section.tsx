/** A part of the job's form, with its heading and what is wrong with it as a whole. */
import type { ComponentChildren } from "preact";
import css from "./job-page.module.css";

type SectionProps = {
  title: string;
  error?: string | undefined;
  tools?: ComponentChildren;
  children: ComponentChildren;
};

export function Section({ title, error, tools, children }: SectionProps) {
  return (
    <section class={css.section} aria-label={title}>
      <div class={css.head}>
        <h2>{title}</h2>
        {tools}
      </div>
      {error !== undefined && (
        <p class={css.error} role="alert">
          {error}
        </p>
      )}
      {children}
    </section>
  );
}
