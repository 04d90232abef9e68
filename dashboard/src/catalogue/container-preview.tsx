/** What the catalogue will say of a container, and what the container will be given, read from its YAML while it is typed. */
import { useMemo } from "preact/hooks";
import { readContainer } from "@roundhouse/protocol/container-blueprint";
import frame from "../parts/page.module.css";
import { containerInWords } from "./container-words.ts";
import { PreviewRows } from "./preview-rows.tsx";

export function ContainerPreview({ source }: { source: string }) {
  const { spec } = useMemo(() => readContainer(source), [source]);
  if (spec === undefined) return <p class={frame.quiet}>Without errors, what it is given stands here.</p>;
  return <PreviewRows rows={containerInWords(spec)} />;
}
