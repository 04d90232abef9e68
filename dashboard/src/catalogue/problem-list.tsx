/** What is wrong with a blueprint's source, line by line: errors, which refuse it, and warnings. */
import { type BlueprintProblem, describeProblem } from "@roundhouse/protocol/blueprint-check";
import { classes } from "../parts/classes.ts";
import { Icon } from "../parts/icon.tsx";
import css from "./problem-list.module.css";

type ListProps = { problems: readonly BlueprintProblem[]; onGo: (line: number) => void };

export function ProblemList({ problems, onGo }: ListProps) {
  if (problems.length === 0) return null;
  return (
    <ul class={css.problems} aria-label="What is wrong">
      {problems.map((problem) => (
        <li key={describeProblem(problem)} class={classes(css.problem, css[problem.severity])}>
          <Icon name={problem.severity === "error" ? "close" : "warning"} />
          <div>
            <Place problem={problem} onGo={onGo} /> {describeProblem({ ...problem, line: null })}
          </div>
        </li>
      ))}
    </ul>
  );
}

function Place({ problem: { line, severity }, onGo }: { problem: BlueprintProblem; onGo: ListProps["onGo"] }) {
  if (line === null) return <b>All of it, {severity}:</b>;
  return (
    <>
      <button type="button" onClick={() => onGo(line)}>
        Line {line}
      </button>
      <b>, {severity}:</b>
    </>
  );
}
