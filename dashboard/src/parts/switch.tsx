/** Something that is on or off, and changes at once. */
import css from "./switch.module.css";

type SwitchProps = { label: string; on: boolean; blocked?: string | undefined; onChange: (on: boolean) => void };

export function Switch({ label, on, blocked, onChange }: SwitchProps) {
  return (
    <button
      type="button"
      role="switch"
      class={css.switch}
      aria-label={label}
      aria-checked={on}
      aria-disabled={blocked === undefined ? undefined : "true"}
      aria-description={blocked}
      title={blocked ?? `${label}: ${on ? "on" : "off"}`}
      onClick={() => blocked === undefined && onChange(!on)}
    >
      <span class={css.knob} />
    </button>
  );
}
