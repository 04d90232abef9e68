/** Every port of an instance with its URL, as links that open it. */
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Instance, InstancePort } from "@roundhouse/protocol/api/instance";
import { Icon } from "../parts/icon.tsx";
import css from "./port-menu.module.css";
import { doorOf, webPorts } from "./web-ports.ts";

export function PortMenu({ instance, onDone }: { instance: Instance; onDone: () => void }) {
  const list = useRef<HTMLUListElement>(null);
  useLayoutEffect(() => list.current?.querySelector("a")?.focus(), []);
  return (
    <ul
      ref={list}
      class={css.ports}
      aria-label={`Ports of ${instance.name}`}
      onKeyDown={(event) => {
        const step = STEPS[event.key];
        if (step === undefined) return;
        event.preventDefault();
        event.stopPropagation();
        moveFocus(event.currentTarget, step);
      }}
    >
      {webPorts(instance).map((port) => (
        <li key={port.url}>
          <a href={doorOf(instance, port)} target="_blank" rel="noopener" onClick={onDone}>
            <span class={css.name}>{port.name ?? "found"}</span>
            <span class={css.number}>{port.port ?? "–"}</span>
            <span class={css.host}>{new URL(port.url).host}</span>
            <PortNote port={port} />
          </a>
        </li>
      ))}
    </ul>
  );
}

function PortNote({ port }: { port: InstancePort }) {
  if (port.exposed) {
    return (
      <span class={css.exposed} title="It listens on every interface: others on its network reach it without a grant.">
        <Icon name="warning" /> exposed
      </span>
    );
  }
  return port.http ? <span /> : <span class={css.quiet}>no answer yet</span>;
}

const STEPS: Readonly<Record<string, 1 | -1>> = { ArrowDown: 1, ArrowUp: -1 };

function moveFocus(list: HTMLElement, step: 1 | -1): void {
  const links = [...list.querySelectorAll("a")];
  const at = links.findIndex((link) => link === document.activeElement);
  links[(at + step + links.length) % links.length]?.focus();
}
