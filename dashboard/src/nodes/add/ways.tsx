/** The second step: the kind of machine, and the line for it. */
import type { NewJoinToken } from "@roundhouse/protocol/api/join";
import { classes } from "../../parts/classes.ts";
import { CopyField } from "../../parts/copy.tsx";
import { Warning } from "../../parts/notice.tsx";
import { stored } from "../../parts/stored.ts";
import { DEFAULT_WAY, findWay, JOIN_WAYS, type JoinLines, type JoinWay } from "../join-lines.ts";
import css from "./add.module.css";

const chosenWay = stored<string>("roundhouse.join-way", DEFAULT_WAY.id);

/** What the lines look like before there is a token. */
const EXAMPLE: JoinLines = {
  install: {
    script: `curl -fsSL ${location.origin}/install.sh | sh -s -- --token …`,
    npx: `npx --yes ${location.origin}/agent/worker-agent.tgz --token …`,
  },
};

type WaysProps = {
  token: NewJoinToken | null;
  /** Why the line would let no machine in. */
  dead: string | undefined;
};

export function Ways({ token, dead }: WaysProps) {
  const way = findWay(chosenWay.value);
  const groups = [...new Set(JOIN_WAYS.map(({ group }) => group))];
  return (
    <>
      <div class={css.picker} role="radiogroup" aria-label="Kind of machine">
        {groups.map((group) => (
          <fieldset key={group} class={css.group}>
            <legend>{group}</legend>
            {JOIN_WAYS.filter((one) => one.group === group).map((one) => (
              <label key={one.id} class={classes(css.way, one === way && css.chosen)}>
                <input type="radio" name="join-way" checked={one === way} onChange={() => (chosenWay.value = one.id)} />
                {one.label}
              </label>
            ))}
          </fieldset>
        ))}
      </div>
      <Lines key={way.id} way={way} token={token} dead={dead} />
    </>
  );
}

function Lines({ way, token, dead }: WaysProps & { way: JoinWay }) {
  return (
    <div class={css.steps} role="region" aria-label={`Joining: ${way.label}`}>
      {way.rule && (
        <Warning title={`${way.label} has a rule about this`}>
          <p>{way.rule}</p>
        </Warning>
      )}
      {way.steps(token ?? EXAMPLE).map((step) => (
        <div key={step.say} class={css.step}>
          <p>{step.say}</p>
          <CopyField text={step.text} label={step.say} blocked={dead} />
        </div>
      ))}
      <p class={css.quiet}>{way.after}</p>
    </div>
  );
}
