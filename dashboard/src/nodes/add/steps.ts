/** The steps of the page, for the focus to go to when the control that had it is gone. */
export const TOKEN_STEP = "step-token";
export const LINE_STEP = "step-line";

export function goToStep(id: typeof TOKEN_STEP | typeof LINE_STEP): void {
  // The page has changed by then.
  requestAnimationFrame(() => document.getElementById(id)?.focus());
}
