/** Variables of an app's environment that nobody else may set, and why. */

/**
 * A launch sets them, or the shell that runs it: another value would be lost. Its terminals and the version report go by
 * those of environments.
 */
const OF_LAUNCH = [
  "PATH|HOME|SHELL|PWD|OLDPWD|SHLVL|_|TMPDIR|WEBUI_PORT|SUBFOLDER|BLUEPRINT_ID|TERMINAL_ID|PYTHONUNBUFFERED",
  "(?:PYTHON|CUDA|TORCH)_VERSION|PYTORCH_INDEX_URL|CUDA_DEVICE_ORDER|(?:CUDA|HIP)_VISIBLE_DEVICES",
  "VIRTUAL_ENV|VIRTUAL_ENV_PROMPT|CONDA_PREFIX|CONDA_DEFAULT_ENV|(?:INSTANCE|ROUNDHOUSE)_.*",
];

/**
 * They decide what a program runs, reads or writes before its first own line. A satellite's launch is root's until its view
 * of the disk is mounted (`unshare`, `sh`, `mount`, `setpriv`), and no word of a person's may reach these: which code they
 * load (LD_*, GCONV_PATH, the shell's files), whose words they print (catalogues of translations hold format strings), and
 * which file libmount takes for its table of mounts. Locales by name (LANG, LC_*) and what Python and its like read are free.
 */
const OF_LOADERS = [
  "LD_.*|GLIBC_TUNABLES|GCONV_PATH|LOCPATH|MUSL_LOCPATH|NLSPATH|LANGUAGE",
  "ENV|BASH_ENV|SHELLOPTS|BASHOPTS|(?:LIBMOUNT|LIBBLKID|BLKID)_.*",
];

/** Programs read something else there than the number of a port. */
const NO_PORTS = ["TERM|LANG|DISPLAY|PYTHON[A-Z]*|(?:CUDA|HIP|TORCH|PYTHON|LC)_.*"];

const RESERVED = oneOf(...OF_LAUNCH, ...OF_LOADERS);
const NO_PORT = oneOf(...NO_PORTS);

export function isReservedVariable(name: string): boolean {
  return RESERVED.test(name);
}

/** Whether the number of a declared port may be told in it. */
export function isPortVariable(name: string): boolean {
  return !isReservedVariable(name) && !NO_PORT.test(name);
}

function oneOf(...names: string[]): RegExp {
  return new RegExp(`^(?:${names.join("|")})$`);
}
