/** The environment of `npm start`: defaults, and words for what cannot be used. */
import { describe, expect, it } from "vitest";
import { readSettings, SettingsError } from "../../local/settings.ts";

describe("settings", () => {
  it("have defaults for everything", () => {
    expect(readSettings({})).toMatchObject({
      port: 8787,
      host: "127.0.0.1",
      publicUrl: "http://localhost:8787",
      localUrl: "http://127.0.0.1:8787",
      appsDomain: "apps.localhost:8787",
      localNode: true,
      adminKey: undefined,
    });
  });

  it("follow the port, and a proxy's address", () => {
    expect(readSettings({ PORT: "9000" })).toMatchObject({
      publicUrl: "http://localhost:9000",
      appsDomain: "apps.localhost:9000",
    });
    expect(readSettings({ PUBLIC_URL: "https://pool.example.com/" }).publicUrl).toBe("https://pool.example.com");
  });

  it.each([
    [{}, "this machine"],
    [{ HOST: "localhost" }, "this machine"],
    [{ HOST: "::1", PUBLIC_URL: "http://[::1]:8787" }, "this machine"],
    [{ HOST: "0.0.0.0" }, "unknown"],
    [{ HOST: "192.168.1.5", PUBLIC_URL: "http://192.168.1.5:8787" }, "unknown"],
    // Behind a proxy.
    [{ PUBLIC_URL: "https://pool.example.com" }, "unknown"],
    [{ HOST: "127.evil.example" }, "unknown"],
  ])("of %j leave %s to be said of where requests come from", (environment, words) => {
    expect(readSettings(environment).clientAddress).toBe(words);
  });

  it("take an empty variable for one that is not set", () => {
    expect(readSettings({ PORT: "", ROUNDHOUSE_ADMIN_KEY: "" })).toMatchObject({ port: 8787, adminKey: undefined });
  });

  it.each([
    [{ PORT: "eighty" }, 'PORT="eighty"'],
    [{ PORT: "70000" }, 'PORT="70000"'],
    [{ PUBLIC_URL: "pool.example.com" }, 'PUBLIC_URL="pool.example.com"'],
    [{ PUBLIC_URL: "ftp://pool.example.com" }, "PUBLIC_URL="],
    [{ APPS_DOMAIN: "https://apps.example.com" }, 'APPS_DOMAIN="https://apps.example.com": a host such as'],
    [{ ROUNDHOUSE_NO_LOCAL_NODE: "yes" }, 'ROUNDHOUSE_NO_LOCAL_NODE="yes"'],
  ])("refuse %j and quote it", (environment, words) => {
    expect(() => readSettings(environment)).toThrow(SettingsError);
    expect(() => readSettings(environment)).toThrow(words);
  });

  it("never show a key that is too short", () => {
    for (const name of ["ROUNDHOUSE_ADMIN_KEY", "MASTER_KEY_PREVIOUS"]) {
      const read = (): unknown => readSettings({ [name]: "hunter2" });
      expect(read).toThrow(`${name}=(not shown): at least 32 characters`);
      expect(read).not.toThrow("hunter2");
    }
  });
});
