/** Installs what a folder's lock file says, unless that was done; `what` is for the person who waits, `runner` the Node that npm runs on. */
export function install(folder: string, what: string, runner: string): void;
export function stop(message: string): never;
