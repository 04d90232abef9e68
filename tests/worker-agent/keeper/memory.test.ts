import { describe, expect, it } from "vitest";
import { oomFiles, parseOomKills } from "../../../worker-agent/src/keeper/memory.ts";

describe("counting processes killed for memory", () => {
  it("reads the counter of either control group version and of the host", () => {
    expect(parseOomKills("low 0\nhigh 0\nmax 4\noom 2\noom_kill 2\noom_group_kill 0\n")).toBe(2);
    expect(parseOomKills("oom_kill_disable 0\nunder_oom 0\noom_kill 3\n")).toBe(3);
    expect(parseOomKills("pgfault 12\noom_kill 1\n")).toBe(1);
    expect(parseOomKills("")).toBeNull();
  });

  it("knows where a group's counter lies, inside and outside its own container", () => {
    expect(oomFiles("0::/user.slice/app\n")).toEqual([
      "/sys/fs/cgroup/user.slice/app/memory.events",
      "/sys/fs/cgroup/memory.events",
    ]);
    expect(oomFiles("3:cpuset:/\n4:memory:/docker/x\n")).toEqual([
      "/sys/fs/cgroup/memory/docker/x/memory.oom_control",
      "/sys/fs/cgroup/memory/memory.oom_control",
    ]);
  });
});
