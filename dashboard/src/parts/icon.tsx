/** Our own line icons on a 16 px grid. */

const PATHS = {
  play: "M5 3.2v9.6l7.6-4.8z",
  stop: "M4 4h8v8H4z",
  restart: "M13 8a5 5 0 1 1-1.6-3.7M13 2v3.2h-3.2",
  open: "M9.5 2.5h4v4M13.5 2.5 7.5 8.5M11.5 9.5v4h-9v-9h4",
  logs: "M2.5 3.5h11M2.5 6.5h8M2.5 9.5h11M2.5 12.5h6",
  trash: "M2.5 4.5h11M6 4.5v-2h4v2M4 4.5l.7 9h6.6l.7-9M6.8 7v4M9.2 7v4",
  search: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.4 10.4l3.4 3.4",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  plus: "M8 2.8v10.4M2.8 8h10.4",
  close: "M3.5 3.5l9 9M12.5 3.5l-9 9",
  check: "M2.8 8.4l3.4 3.4 7-7.4",
  download: "M8 2.5v7.5M4.8 7 8 10.2 11.2 7M2.5 13.5h11",
  upload: "M8 10.2V2.7M4.8 5.7 8 2.5l3.2 3.2M2.5 13.5h11",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  share:
    "M12 5.6a1.9 1.9 0 1 0 0-3.8 1.9 1.9 0 0 0 0 3.8zM4 9.9a1.9 1.9 0 1 0 0-3.8 1.9 1.9 0 0 0 0 3.8zM12 14.2a1.9 1.9 0 1 0 0-3.8 1.9 1.9 0 0 0 0 3.8zM5.7 7.1l4.6-2.5M5.7 8.9l4.6 2.5",
  branch:
    "M4.5 5.4a1.6 1.6 0 1 0 0-3.2 1.6 1.6 0 0 0 0 3.2zM11.5 9.6a1.6 1.6 0 1 0 0-3.2 1.6 1.6 0 0 0 0 3.2zM11.5 14.2a1.6 1.6 0 1 0 0-3.2 1.6 1.6 0 0 0 0 3.2zM4.5 5.4v5.7a1.5 1.5 0 0 0 1.5 1.5h3.9M4.5 8h5.4",
  wrap: "M2.5 3.5h11M2.5 8h8.6a2.2 2.2 0 0 1 0 4.4H8M9.8 10.6 8 12.4l1.8 1.8M2.5 12.5h2.5",
  follow: "M3.5 3.5 8 8l4.5-4.5M3.5 8.5 8 13l4.5-4.5",
  up: "M3.5 10 8 5.5l4.5 4.5",
  down: "M3.5 6 8 10.5 12.5 6",
  left: "M10 3.5 5.5 8l4.5 4.5",
  right: "M6 3.5 10.5 8 6 12.5",
  pencil: "M10.8 2.8l2.4 2.4-7.6 7.6-3.1.7.7-3.1zM9.2 4.4l2.4 2.4",
  warning: "M8 2.2 14.3 13.3H1.7zM8 6.3v3.4M8 11.4v.5",
  sun: "M8 10.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6zM8 1.5v1.4M8 13.1v1.4M1.5 8h1.4M13.1 8h1.4M3.4 3.4l1 1M11.6 11.6l1 1M12.6 3.4l-1 1M4.4 11.6l-1 1",
  moon: "M13.3 9.6A5.8 5.8 0 0 1 6.4 2.7a5.8 5.8 0 1 0 6.9 6.9z",
  auto: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 2v12M8 4.5h4.5M8 8h6M8 11.5h4.5",
  apps: "M2.5 3.5h11M2.5 8h11M2.5 12.5h11M5 2.2v2.6M11 6.7v2.6M7.5 11.2v2.6",
  nodes: "M2.5 2.5h11v4.4h-11zM2.5 9.1h11v4.4h-11zM4.8 4.7h1.6M4.8 11.3h1.6",
  catalogue: "M2.5 2.5h4.4v4.4H2.5zM9.1 2.5h4.4v4.4H9.1zM2.5 9.1h4.4v4.4H2.5zM11.3 9v4.6M9 11.3h4.6",
  settings:
    "M2.5 4.5h6M12 4.5h1.5M2.5 11.5H4M7.5 11.5h6M10.2 6.3a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6zM5.8 13.3a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6z",
  keyboard: "M1.8 4h12.4v8H1.8zM4.3 6.6h.1M6.8 6.6h.1M9.2 6.6h.1M11.7 6.6h.1M5 9.5h6",
  folder: "M1.8 3.5h4.4l1.4 1.8h6.6v7.2H1.8z",
  file: "M3.5 1.8h6l3 3v9.4h-9zM9.5 1.8v3h3",
  link: "M6.5 9.5l3-3M7.3 4.9l1.5-1.5a2.6 2.6 0 0 1 3.8 3.8l-1.5 1.5M8.7 11.1l-1.5 1.5a2.6 2.6 0 0 1-3.8-3.8l1.5-1.5",
  image: "M2 3h12v10H2zM2.5 11.5l3.3-3.3 2.4 2.4 2-2 3.3 3.3M10.5 6.2h.1",
  minus: "M2.8 8h10.4",
  rows: "M2.5 2.5h11v11h-11zM2.5 8.5h11",
  columns: "M2.5 2.5h11v11h-11zM8.5 2.5v11",
  beside: "M2.5 2.5h11v11h-11zM8 2.5v11M10.8 6.3v3.4M9.1 8h3.4",
  more: "M2.2 7.3h1.4v1.4H2.2zM7.3 7.3h1.4v1.4H7.3zM12.4 7.3h1.4v1.4h-1.4z",
  jobs: "M8 14a6 6 0 1 0 0-12 6 6 0 0 0 0 12zM8 4.6V8l2.4 1.6",
  key: "M5.2 10.8a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.4zM7.9 8.1h6.3v2.6M11.4 8.1v2",
  braces:
    "M6 2.5c-1.8 0-1.8.7-1.8 2 0 1.8 0 2.8-1.7 3.5 1.7.7 1.7 1.7 1.7 3.5 0 1.3 0 2 1.8 2M10 2.5c1.8 0 1.8.7 1.8 2 0 1.8 0 2.8 1.7 3.5-1.7.7-1.7 1.7-1.7 3.5 0 1.3 0 2-1.8 2",
  leave: "M9 2.5H3v11h6M6.5 8h7M10.8 5.2 13.6 8l-2.8 2.8",
} as const;

export type IconName = keyof typeof PATHS;
const SOLID: ReadonlySet<IconName> = new Set(["play", "stop", "more"]);

export function Icon({ name, size = 14 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill={SOLID.has(name) ? "currentColor" : "none"}
      stroke="currentColor"
      stroke-width="1.4"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
