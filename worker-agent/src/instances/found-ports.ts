/** What an instance's own processes listen on, look after look: which ports stay, which answer HTTP, and which is the main one. */
import { MAIN_PORT, MAX_OBSERVED_PORTS, type ObservedPort } from "@roundhouse/protocol/ports";
import type { OwnPort } from "./probe.ts";

/** Many programs open a port for a moment: one that nobody named counts once it has stayed this long. */
const STEADY_AFTER_MS = 5_000;
const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 15_000;
/** A helper that has said nothing in HTTP by then never will; while there is no main port, hope remains. */
const MAX_TRIES = 6;

export type NamedPort = { name: string; port: number };

export type FoundPortsOptions = {
  /** The one in WEBUI_PORT. */
  assigned: number;
  declared: readonly NamedPort[];
  /** It had started before this agent came: what is there now has been there for long. */
  isSettled: boolean;
  answersHttp: (port: number) => Promise<boolean>;
  now: () => number;
};

type Sighting = { exposed: boolean; sinceMs: number; http: boolean; tries: number; nextTryAtMs: number };

export class FoundPorts {
  readonly #options: FoundPortsOptions;
  #sightings = new Map<number, Sighting>();
  #assignedAnswered = false;
  #looks = 0;

  constructor(options: FoundPortsOptions) {
    this.#options = options;
  }

  /** Takes the ports of one look, and asks those whose turn it is whether they speak HTTP. */
  async look(own: readonly OwnPort[]): Promise<void> {
    const before = this.#sightings;
    this.#sightings = new Map(own.map((one) => [one.port, this.#sight(one, before.get(one.port))]));
    this.#looks += 1;
    const due = [...this.#sightings].filter(([port, sighting]) => this.#isDue(port, sighting));
    await Promise.all(due.map(([port, sighting]) => this.#ask(port, sighting)));
  }

  /**
   * The assigned port, if the app ever listened there. Else the lowest one that has stayed and answers HTTP: the app
   * chooses its port itself. A declared port has a name of its own and comes last.
   */
  get main(): number | undefined {
    const { assigned } = this.#options;
    if (this.#assignedAnswered || this.#sightings.has(assigned)) return assigned;
    const answering = [...this.#sightings].filter(([port, { http }]) => http && this.#isSteady(port));
    const ports = answering.map(([port]) => port).toSorted((a, b) => a - b);
    return ports.find((port) => this.#nameOf(port) === null) ?? ports[0];
  }

  /** The main one first, then those with a name, then those that answer HTTP. */
  list(): ObservedPort[] {
    const { main } = this;
    const all: ObservedPort[] = [];
    for (const [port, { http, exposed }] of this.#sightings) {
      const name = this.#nameOf(port);
      if (port === main) all.push({ port, name: MAIN_PORT, http, exposed });
      if (name !== null || (port !== main && this.#isSteady(port))) all.push({ port, name, http, exposed });
    }
    return all.toSorted((a, b) => rank(a) - rank(b) || a.port - b.port).slice(0, MAX_OBSERVED_PORTS);
  }

  #sight({ loopbackOnly }: OwnPort, before: Sighting | undefined): Sighting {
    const sinceMs = this.#options.isSettled && this.#looks === 0 ? Number.NEGATIVE_INFINITY : this.#options.now();
    return { ...(before ?? { sinceMs, http: false, tries: 0, nextTryAtMs: 0 }), exposed: !loopbackOnly };
  }

  #isDue(port: number, { http, tries, nextTryAtMs }: Sighting): boolean {
    if (http || nextTryAtMs > this.#options.now()) return false;
    const isKnown = port === this.#options.assigned || this.#nameOf(port) !== null;
    if (!isKnown && !this.#isSteady(port)) return false;
    return isKnown || tries < MAX_TRIES || this.main === undefined;
  }

  async #ask(port: number, sighting: Sighting): Promise<void> {
    sighting.http = await this.#options.answersHttp(port);
    sighting.nextTryAtMs = this.#options.now() + Math.min(FIRST_RETRY_MS * 2 ** sighting.tries, MAX_RETRY_MS);
    sighting.tries += 1;
    if (sighting.http && port === this.#options.assigned) this.#assignedAnswered = true;
  }

  #isSteady(port: number): boolean {
    const sighting = this.#sightings.get(port);
    return sighting !== undefined && this.#options.now() - sighting.sinceMs >= STEADY_AFTER_MS;
  }

  #nameOf(port: number): string | null {
    return this.#options.declared.find((one) => one.port === port)?.name ?? null;
  }
}

function rank({ name, http }: ObservedPort): number {
  if (name === MAIN_PORT) return 0;
  if (name !== null) return 1;
  return http ? 2 : 3;
}
