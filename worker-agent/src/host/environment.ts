/** The environment every instance starts from: what the host's programs need, and nothing of the agent's or its owner's. */
import { delimiter, dirname } from "node:path";

/** Inherited by exact name. */
const INHERITED = new Set([
  ...["LANG", "LANGUAGE", "TZ", "TERM"],
  ...["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "FTP_PROXY", "NO_PROXY"],
  ...["http_proxy", "https_proxy", "all_proxy", "ftp_proxy", "no_proxy"],
  // Certificate authorities
  ...["SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO"],
  ...["NODE_EXTRA_CA_CERTS", "AWS_CA_BUNDLE", "NIX_SSL_CERT_FILE", "PIP_CERT"],
  // Mirrors. Their URLs may hold a password; without it the mirror is of no use.
  ...["PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX", "PIP_TRUSTED_HOST", "PIP_CONFIG_FILE"],
  "PYTORCH_INDEX",
  ...["PIP_DEFAULT_TIMEOUT", "PIP_RETRIES", "PIP_PROXY", "PIP_DISABLE_PIP_VERSION_CHECK"],
  ...["UV_INDEX", "UV_INDEX_URL", "UV_DEFAULT_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_INDEX_STRATEGY"],
  ...["UV_PYTHON_INSTALL_MIRROR", "UV_NATIVE_TLS", "UV_SYSTEM_CERTS", "UV_HTTP_TIMEOUT", "UV_INSECURE_HOST"],
  ...[
    "HF_ENDPOINT",
    "HF_HUB_OFFLINE",
    "HF_HUB_DOWNLOAD_TIMEOUT",
    "HF_HUB_ENABLE_HF_TRANSFER",
    "HF_XET_HIGH_PERFORMANCE",
  ],
  // npm derives the place of the machine's own settings from the Node it runs on, which here is the agent's.
  ...["npm_config_registry", "NPM_CONFIG_REGISTRY", "npm_config_cafile", "NPM_CONFIG_CAFILE"],
  ...["npm_config_globalconfig", "NPM_CONFIG_GLOBALCONFIG"],
  ...["CONDA_CHANNEL_ALIAS", "CONDA_SSL_VERIFY", "MAMBA_SSL_VERIFY"],
  // GPU libraries. CUDA_VISIBLE_DEVICES and CUDA_VERSION are an instance's own settings and never inherited.
  ...["LD_LIBRARY_PATH", "LIBRARY_PATH", "CUDA_HOME", "CUDA_PATH", "CUDA_ROOT", "CUDA_MODULE_LOADING", "CUDNN_PATH"],
  ...["NVIDIA_VISIBLE_DEVICES", "NVIDIA_DRIVER_CAPABILITIES", "TORCH_CUDA_ARCH_LIST"],
  ...["ROCM_PATH", "ROCM_HOME", "HIP_PATH", "PYTORCH_ROCM_ARCH", "ONEAPI_ROOT"],
]);

/** Inherited by the beginning of the name: locale, NVIDIA's and AMD's run-time settings, Intel's Level Zero. */
const INHERITED_PREFIXES = ["LC_", "NCCL_", "HSA_", "ZE_"];

/** Names that are never passed on, whatever the lists above say. */
const PRIVATE_NAME = /ROUNDHOUSE|KEY|TOKEN|SECRET|PASSW|CREDENTIAL/i;

/** Folders that npm puts in front while it runs a script: the agent's own tools, no business of an app. */
const NPM_SCRIPT_DIR = /[\\/]node_modules[\\/]\.bin$|[\\/]node-gyp-bin$/;

const FALLBACK_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** `home` is the instance's own home folder, below the data root. */
export function baseEnvironment(options: {
  home: string;
  inherited?: Record<string, string | undefined>;
  execPath?: string;
}): Record<string, string> {
  const { home, inherited = process.env, execPath = process.execPath } = options;
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(inherited)) {
    if (value !== undefined && isInherited(name)) env[name] = value;
  }
  env["PATH"] = appPath(inherited["PATH"] || FALLBACK_PATH, execPath);
  env["HOME"] = home;
  env["SHELL"] = "/bin/bash";
  return env;
}

function isInherited(name: string): boolean {
  if (PRIVATE_NAME.test(name)) return false;
  return INHERITED.has(name) || INHERITED_PREFIXES.some((prefix) => name.startsWith(prefix));
}

function appPath(path: string, execPath: string): string {
  const nodeDir = dirname(execPath);
  const rest = path.split(delimiter).filter((dir) => dir && dir !== nodeDir && !NPM_SCRIPT_DIR.test(dir));
  return [nodeDir, ...rest].join(delimiter);
}
