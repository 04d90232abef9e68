/** On which nodes the job works: single ones, and all that carry a label. */
import { useQuery } from "@tanstack/preact-query";
import type { Node } from "@roundhouse/protocol/api/node";
import { errorUnder } from "../api/field-errors.ts";
import { nodesQuery } from "../api/queries.ts";
import { Check } from "../parts/field.tsx";
import { plural } from "../parts/format.ts";
import css from "./job-page.module.css";
import { labelRefs, lostRefs, namesNode, reachedNodes, refWords } from "./node-refs.ts";
import { Section } from "./section.tsx";
import type { JobForm } from "./use-job.ts";

export function NodeFields({ form: { draft, change, errors } }: { form: JobForm }) {
  const { data: nodes = [], isPending } = useQuery(nodesQuery);
  const refs = draft.nodes;
  const set = (kept: readonly string[], ref: string, on: boolean): void =>
    change({ nodes: on ? [...kept, ref] : [...kept] });
  const toggle = (ref: string, on: boolean): void =>
    set(
      refs.filter((other) => other !== ref),
      ref,
      on,
    );
  const toggleNode = (node: Node, on: boolean): void =>
    set(
      refs.filter((ref) => !namesNode(ref, node)),
      node.id,
      on,
    );
  const lost = isPending ? [] : lostRefs(refs, nodes);
  return (
    <Section title="Nodes" error={errorUnder(errors, "nodes")}>
      <div class={css.checks}>
        {nodes.map((node) => (
          <Check
            key={node.id}
            checked={refs.some((ref) => namesNode(ref, node))}
            help={node.status === "offline" ? "offline now" : undefined}
            onChange={(on) => toggleNode(node, on)}
          >
            {node.name}
          </Check>
        ))}
        {labelRefs(nodes).map((ref) => (
          <Check
            key={ref}
            checked={refs.includes(ref)}
            help={`${plural(reachedNodes([ref], nodes).length, "node")} now, and those that come to carry it`}
            onChange={(on) => toggle(ref, on)}
          >
            {refWords(ref, nodes)}
          </Check>
        ))}
        {lost.map((ref) => (
          <Check key={ref} checked help="nobody here is called so" onChange={(on) => toggle(ref, on)}>
            {refWords(ref, nodes)}
          </Check>
        ))}
      </div>
      {nodes.length === 0 && !isPending && <p class={css.quiet}>There is no node yet.</p>}
    </Section>
  );
}
