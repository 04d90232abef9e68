import { describe, expect, it } from "vitest";
import { causeOf, type Ending } from "../../../worker-agent/src/instances/cause.ts";

function ended(changes: Partial<Ending>): Ending {
  return { exitCode: null, signal: null, outOfMemory: false, lastLines: [], memoryBytes: 8 * 1024 ** 3, ...changes };
}
const said = (...lastLines: string[]) => ended({ exitCode: 1, lastLines });

describe("the cause of an end", () => {
  it.each<[string, Ending, string, string | RegExp]>([
    ["an exit code", ended({ exitCode: 3 }), "exited", "ended with exit code 3"],
    ["an end in peace", ended({ exitCode: 0, lastLines: ["MemoryError"] }), "exited", "ended with exit code 0"],
    ["a signal", ended({ signal: "SIGTERM" }), "killed", "ended by SIGTERM"],
    ["a kill that the kernel denies", ended({ signal: "SIGKILL" }), "killed", "ended by SIGKILL"],
    ["the kernel's kill", ended({ signal: "SIGKILL", outOfMemory: true }), "out_of_memory", /kernel.*8\.0 GiB/],
    ["that of a program of a script", ended({ exitCode: 137, outOfMemory: true }), "out_of_memory", /kernel/],
    [
      "that of a worker, as its server says",
      ended({ exitCode: 1, outOfMemory: true, lastLines: ["worker died with exit code -9"] }),
      "out_of_memory",
      /kernel/,
    ],
    ["an end while another was killed", ended({ exitCode: 1, outOfMemory: true }), "exited", /exit code 1/],
    ["a kill where the kernel is silent", ended({ signal: "SIGKILL", outOfMemory: null }), "out_of_memory", /probably/],
    ["a kill that a shell reports", ended({ exitCode: 137 }), "killed", /SIGKILL: exit code 137$/],
    ["a crash", ended({ signal: "SIGSEGV" }), "crashed", /bad memory access: ended by SIGSEGV/],
    ["a crash that a shell reports", ended({ exitCode: 139 }), "crashed", /bad memory access: exit code 139/],
    ["the wrong processor", ended({ exitCode: 132 }), "crashed", /instruction/],
    [
      "a missing command",
      ended({
        exitCode: 127,
        lastLines: ["x.sh: line 1: ---: command not found", "x.sh: line 9: uvicorn: command not found"],
      }),
      "command_missing",
      'the command "uvicorn" is not on this node',
    ],
    [
      "a missing command of sh",
      ended({ exitCode: 127, lastLines: ["sh: 1: conda: not found"] }),
      "command_missing",
      /"conda"/,
    ],
    [
      "a file without rights",
      ended({ exitCode: 126, lastLines: ["x.sh: line 2: ./run: Permission denied"] }),
      "not_executable",
      '"./run" cannot be run',
    ],
    [
      "Python without memory",
      said("Traceback", "MemoryError"),
      "out_of_memory",
      /MemoryError \(this node has 8\.0 GiB\)/,
    ],
    [
      "Node without memory",
      said("FATAL ERROR: Reached heap limit - JavaScript heap out of memory"),
      "out_of_memory",
      /heap/,
    ],
    [
      "a GPU without memory",
      said(
        "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 7.79 GiB of which 1 MiB is free.",
      ),
      "gpu_out_of_memory",
      "the GPU's memory ran out: it wanted 2.00 GiB more, and the card has 7.79 GiB",
    ],
    ["an older torch", said("RuntimeError: CUDA out of memory."), "gpu_out_of_memory", "the GPU's memory ran out"],
    ["a GPU that is gone", said("RuntimeError: No CUDA GPUs are available"), "gpu_missing", /No CUDA GPUs/],
    ["a full disk", said("OSError: [Errno 28] No space left on device"), "disk_full", /disk is full/],
    [
      "a port of Node",
      said("Error: listen EADDRINUSE: address already in use 127.0.0.1:8001"),
      "port_in_use",
      /: 8001$/,
    ],
    [
      "a port of uvicorn",
      said("[Errno 98] error while attempting to bind on address ('127.0.0.1', 8001): address already in use"),
      "port_in_use",
      /: 8001$/,
    ],
    [
      "a port of Python",
      said("OSError: [Errno 98] Address already in use"),
      "port_in_use",
      "it wanted a port that is in use",
    ],
    ["a module of Python", said("ModuleNotFoundError: No module named 'torch'"), "module_missing", /"torch"/],
    ["a host without network", said("fatal: Could not resolve host: github.com"), "no_network", /github\.com/],
    ["colours", said("\u001B[31mMemoryError\u001B[0m\u0007"), "out_of_memory", /: MemoryError \(/],
    ["what an earlier launch said", said("MemoryError", "── launch 2 · now", "bye"), "exited", /exit code 1/],
    [
      "what was said long before",
      said("ModuleNotFoundError: No module named 'x'", ...Array.from({ length: 6 }, () => "working"), "bye"),
      "exited",
      /exit code 1/,
    ],
  ])("names %s", (_title, ending, code, message) => {
    const cause = causeOf(ending);
    expect(cause.code).toBe(code);
    expect(cause.message).toMatch(message);
  });
});
