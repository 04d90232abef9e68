/** The systemd unit of an agent. */
import { FINAL_STATUSES, type Program } from "./program.ts";

export const UNIT_NAME = "worker-agent.service";

/** What programs started by apps may need and a service manager does not give. */
const INHERITED = ["PATH", "LD_LIBRARY_PATH", "NODE_EXTRA_CA_CERTS"];

export type UnitScope = "system" | "user";

/** `KillMode=process`: stopping or upgrading the agent leaves its keepers, and so the apps, alone. */
export function unitText(
  { node, agent, args }: Program,
  scope: UnitScope,
  env: Record<string, string | undefined>,
): string {
  const variables = INHERITED.flatMap((name) => {
    const value = env[name];
    return value && !value.includes("\n") ? [`Environment=${quoted(`${name}=${value}`)}`] : [];
  });
  const command = [node, agent, ...args].map(commandWord).join(" ");
  return `# Written by worker-agent --install-service, removed by --uninstall-service.
[Unit]
Description=Roundhouse worker agent
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
ExecStart=${command}
${variables.join("\n")}
KillMode=process
Restart=always
RestartSec=2
RestartPreventExitStatus=${FINAL_STATUSES.join(" ")}

[Install]
WantedBy=${scope === "system" ? "multi-user.target" : "default.target"}
`;
}

/** Whether a unit's text is about this program; another one's is not ours to replace. */
export function isUnitOf(text: string, { agent }: Program): boolean {
  return text.includes(` ${commandWord(agent)} `);
}

/** Only in commands is a dollar sign more than itself. */
function commandWord(word: string): string {
  return quoted(word).replaceAll("$", "$$$$");
}

/** systemd.syntax(7), and no specifiers. */
function quoted(word: string): string {
  return `"${word.replace(/["\\]/g, "\\$&").replaceAll("%", "%%")}"`;
}
