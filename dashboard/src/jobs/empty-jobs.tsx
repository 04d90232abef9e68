/** What a job is, and two to begin from, where there is none yet. */
import { Link } from "wouter-preact";
import { EmptyPlace } from "../parts/notice.tsx";
import { EXAMPLES } from "./examples.ts";
import css from "./jobs.module.css";

export function EmptyJobs() {
  return (
    <>
      <EmptyPlace title="No job yet">
        <p>
          A job is a task in plain words that a model does on your machines: at a time, when a webhook fires, or when
          you say so. You choose the nodes, the tools it may use, and what it has to ask you first.
        </p>
      </EmptyPlace>
      <ul class={css.examples} aria-label="Examples to begin from">
        {EXAMPLES.map(({ id, title, about }) => (
          <li key={id}>
            <Link href={`/jobs/new?from=${id}`} class={css.example}>
              <strong>{title}</strong>
              <span>{about}</span>
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}
