/** Buttons, with a reason where one may not be pressed. */
import type { ComponentChildren, JSX } from "preact";
import css from "./button.module.css";
import { classes } from "./classes.ts";
import { Icon, type IconName } from "./icon.tsx";

type Look = "plain" | "primary" | "danger" | "ghost";
type ButtonProps = Omit<JSX.ButtonHTMLAttributes<HTMLButtonElement>, "icon"> & {
  icon?: IconName;
  look?: Look;
  /** Why it may not be pressed. It stays in the tab order, so that the reason can be read. */
  blocked?: string | undefined;
  busy?: boolean;
  children?: ComponentChildren;
};

export function Button({ icon, look = "plain", blocked, busy, children, title, onClick, ...rest }: ButtonProps) {
  const inert = blocked !== undefined || busy === true;
  return (
    <button
      type="button"
      {...rest}
      class={classes(css.button, css[look], busy && css.busy)}
      aria-disabled={inert ? "true" : undefined}
      aria-description={blocked}
      title={blocked ?? title}
      onClick={inert ? swallow : onClick}
    >
      {icon && <Icon name={icon} />}
      {children !== undefined && <span>{children}</span>}
    </button>
  );
}

type IconButtonProps = Omit<ButtonProps, "children" | "look" | "icon" | "label"> & {
  icon: IconName;
  label: string;
  tone?: "bad";
  pressed?: boolean;
};

/** A button that is only an icon; its label is its name and its tooltip. */
export function IconButton({ icon, label, tone, pressed, blocked, busy, onClick, ...rest }: IconButtonProps) {
  const inert = blocked !== undefined || busy === true;
  return (
    <button
      type="button"
      {...rest}
      class={classes(css.iconButton, tone === "bad" && css.bad, pressed && css.pressed)}
      aria-label={label}
      aria-pressed={pressed}
      aria-disabled={inert ? "true" : undefined}
      aria-description={blocked}
      title={blocked === undefined ? label : `${label}: ${blocked}`}
      onClick={inert ? swallow : onClick}
    >
      <Icon name={icon} />
    </button>
  );
}

/** A link that looks like an icon button. */
export function IconLink(props: { icon: IconName; label: string; href: string; tabIndex?: number }) {
  return (
    <a
      class={css.iconButton}
      href={props.href}
      target="_blank"
      rel="noopener"
      aria-label={props.label}
      title={props.label}
      tabIndex={props.tabIndex}
    >
      <Icon name={props.icon} />
    </a>
  );
}

function swallow(event: Event): void {
  event.preventDefault();
  event.stopPropagation();
}
