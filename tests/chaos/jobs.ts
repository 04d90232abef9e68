/** Kills among runs of jobs, in a house of their own, and a count of their effects. */
import { openHouse } from "../e2e/house.ts";
import { killAmongRuns } from "../e2e/job-kills.ts";
import { Jobs, OPEN_POLICY } from "../e2e/jobs.ts";
import { ScriptedModel } from "../e2e/scripted-model.ts";
import { randomFrom } from "./random.ts";

/** Answers what is wrong. */
export async function rageAmongJobs(kills: number, seed: number, say: (line: string) => void): Promise<string[]> {
  const house = await openHouse();
  try {
    const model = await ScriptedModel.open(() => ({ text: "nothing" }));
    try {
      const jobs = new Jobs(house);
      await jobs.setPolicy(OPEN_POLICY);
      await jobs.provider("scripted", model);
      return await killAmongRuns(house, jobs, model, { kills, random: randomFrom(seed), say });
    } finally {
      model.close();
    }
  } finally {
    await house.close();
  }
}
