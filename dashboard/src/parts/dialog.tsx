/** A modal dialog: the native element, which keeps the focus inside and gives it back. */
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { Button, IconButton } from "./button.tsx";
import { classes } from "./classes.ts";
import css from "./dialog.module.css";

type DialogProps = {
  title: string;
  onClose: () => void;
  /** Makes the content a form: Enter submits it. */
  onSubmit?: () => void;
  /** The button that does it: it stands in the footer, behind one that cancels. */
  action?: ComponentChildren;
  /** Of a dialog whose footer is otherwise. */
  footer?: ComponentChildren;
  wide?: boolean;
  children: ComponentChildren;
};

export function Dialog({ title, onClose, onSubmit, action, footer, wide, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    // The close button stands first, but nobody opens a dialog to close it.
    element?.querySelector<HTMLElement>("[data-dialog-body] :is([autofocus], input, select), footer button")?.focus();
    return () => element?.close();
  }, []);
  const content = (
    <>
      <header class={css.header}>
        <h2 id={titleId}>{title}</h2>
        <IconButton icon="close" label="Close" onClick={onClose} />
      </header>
      <div class={css.body} data-dialog-body>
        {children}
      </div>
      {action !== undefined && (
        <footer class={css.footer}>
          <Button onClick={onClose}>Cancel</Button>
          {action}
        </footer>
      )}
      {footer && <footer class={css.footer}>{footer}</footer>}
    </>
  );
  return (
    <dialog
      ref={dialog}
      class={classes(css.dialog, wide && css.wide)}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => event.target === dialog.current && onClose()}
    >
      {onSubmit ? (
        <form
          class={css.frame}
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            onSubmit();
          }}
        >
          {content}
        </form>
      ) : (
        <div class={css.frame}>{content}</div>
      )}
    </dialog>
  );
}
