/** What instances inherit of the agent's environment, and what never. */
import { describe, expect, it } from "vitest";
import { baseEnvironment } from "../../../worker-agent/src/host/environment.ts";

const environment = (inherited: Record<string, string>) =>
  baseEnvironment({ home: "/data/home/app", inherited, execPath: "/opt/node/bin/node" });

describe("the environment of instances", () => {
  it("passes on locale, proxies, certificates, mirrors and GPU libraries", () => {
    const wanted = {
      LANG: "C.UTF-8",
      LC_ALL: "C.UTF-8",
      TZ: "Europe/Berlin",
      https_proxy: "http://proxy:3128",
      SSL_CERT_FILE: "/etc/ssl/ca.pem",
      PIP_INDEX_URL: "https://mirror/simple",
      npm_config_globalconfig: "/usr/etc/npmrc",
      HF_ENDPOINT: "https://hf-mirror.com",
      LD_LIBRARY_PATH: "/usr/local/cuda/lib64",
      NCCL_DEBUG: "INFO",
      HSA_OVERRIDE_GFX_VERSION: "10.3.0",
    };
    expect(environment(wanted)).toMatchObject(wanted);
  });

  it("passes on nothing of the agent's, no key, no token, and nothing unknown", () => {
    const env = environment({
      ROUNDHOUSE_ADMIN_KEY: "x",
      ROUNDHOUSE_DATA: "x",
      HF_TOKEN: "x",
      RUNPOD_API_KEY: "x",
      CONTAINER_API_KEY: "x",
      AWS_SECRET_ACCESS_KEY: "x",
      NCCL_SECRET: "x",
      PYTHONHOME: "x",
      PYTHONPATH: "x",
      LD_PRELOAD: "x",
      CUDA_VISIBLE_DEVICES: "3",
      CUDA_VERSION: "12.4.1",
      npm_config_userconfig: "x",
      SSH_AUTH_SOCK: "x",
    });
    expect(Object.keys(env).toSorted()).toEqual(["HOME", "PATH", "SHELL"]);
  });

  it("puts this Node first on the path and leaves npm's script folders out", () => {
    const env = environment({ PATH: "/repo/node_modules/.bin:/usr/bin:/opt/node/bin:/x/node-gyp-bin:/bin" });
    expect(env["PATH"]).toBe("/opt/node/bin:/usr/bin:/bin");
    expect(env["HOME"]).toBe("/data/home/app");
  });

  it("has a path even when the agent has none", () => {
    expect(environment({})["PATH"]).toContain(":/usr/bin:");
  });
});
