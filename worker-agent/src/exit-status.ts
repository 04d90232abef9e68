/** With which status the agent ends, for whoever supervises it. */

/** A mistake on the command line. */
export const WRONG_USAGE = 2;
/** The pool does not want this node (any more): starting again would not help. */
export const NOT_WELCOME = 3;
/** It was told to end with its apps, and is not to come back by itself. */
export const ENDED_WITH_APPS = 4;
