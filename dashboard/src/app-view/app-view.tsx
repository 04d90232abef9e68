/** The app itself, framed: on its own origin, opened with a ticket of the person who looks. */
import { useEffect, useState } from "preact/hooks";
import type { Instance, Opened } from "@roundhouse/protocol/api/instance";
import type { Node } from "@roundhouse/protocol/api/node";
import { call } from "../api/call.ts";
import { blockedFor } from "../api/session.ts";
import { act } from "../instances/actions.ts";
import { Button, IconButton, IconLink } from "../parts/button.tsx";
import { EmptyPlace, ErrorNotice } from "../parts/notice.tsx";
import { type Blocked, blockedView } from "./blocked.ts";
import css from "./app-view.module.css";
import { type Frame, isOf, touched, withFrame, withoutFrame } from "./frames.ts";

/**
 * What an app may do in its frame. It keeps its own origin, which is never the dashboard's. It cannot lead the page away;
 * microphone and camera are missing, since the browser would ask in the dashboard's name and grant them to every app.
 */
const SANDBOX =
  "allow-scripts allow-same-origin allow-forms allow-downloads allow-modals allow-pointer-lock allow-popups allow-popups-to-escape-sandbox";
const ALLOWED = "autoplay; clipboard-read; clipboard-write; fullscreen; gamepad";

type AppViewProps = { instance: Instance; node: Node | undefined; isShown: boolean; zoom: number };

/** Stays in the page while other tabs are shown: its frames go on. */
export function AppView({ instance, node, isShown, zoom }: AppViewProps) {
  const [frames, setFrames] = useState<readonly Frame[]>([]);
  const [error, setError] = useState<unknown>();
  const blocked = blockedView(instance, node, blockedFor("operator"));
  const isWanted = isShown && blocked === undefined;
  const framed = frames.find((frame) => isOf(frame, instance));
  const isThere = framed !== undefined;

  const open = async (): Promise<void> => {
    setError(undefined);
    try {
      const { url } = await call<Opened>("POST", `/api/instances/${instance.id}/open`, { framed: true });
      setFrames((known) => withFrame(known, instance.id, url));
    } catch (failure) {
      setError(failure);
    }
  };
  useEffect(() => {
    if (!isWanted) return;
    if (isThere) setFrames((known) => touched(known, instance.id));
    else void open();
  }, [isWanted, instance.id, instance.slug]);
  // What stood there is gone with the app: its next run is another page.
  useEffect(() => {
    if (blocked !== undefined) setFrames((known) => withoutFrame(known, instance.id));
  }, [blocked?.why, instance.id]);

  return (
    <section class={css.view} aria-label={`View of ${instance.name}`} hidden={!isShown}>
      <div class={css.tools} role="toolbar" aria-label="App">
        <IconButton
          icon="restart"
          label="Load the app again"
          blocked={blocked && blocked.title}
          onClick={() => void open()}
        />
        <span class={css.address}>{new URL(framed?.url ?? instance.url).host}</span>
        {blocked === undefined && (
          <IconLink icon="open" label="Open in a tab of its own" href={`/open/${instance.id}`} />
        )}
      </div>
      <div class={css.stage}>
        {frames.map((frame) => (
          <AppFrame key={`${frame.instanceId} ${frame.load}`} {...{ frame, instance, zoom }} isHidden={!isWanted} />
        ))}
        {blocked && <BlockedPlace instance={instance} blocked={blocked} />}
        {!blocked && error !== undefined && (
          <div class={css.error}>
            <ErrorNotice error={error} />
            <Button onClick={() => void open()}>Try again</Button>
          </div>
        )}
      </div>
    </section>
  );
}

type FrameProps = { frame: Frame; instance: Instance; zoom: number; isHidden: boolean };

function AppFrame({ frame, instance, zoom, isHidden }: FrameProps) {
  const isOther = frame.instanceId !== instance.id;
  // Scaled as a whole: what a frame of another origin shows cannot be given another font size.
  const size = `${100 / zoom}%`;
  return (
    <iframe
      class={css.frame}
      title={isOther ? "App of another instance" : `App of ${instance.name}`}
      src={frame.url}
      sandbox={SANDBOX}
      allow={ALLOWED}
      hidden={isHidden || isOther}
      style={{ width: size, height: size, transform: `scale(${zoom})` }}
    />
  );
}

function BlockedPlace({ instance, blocked }: { instance: Instance; blocked: Blocked }) {
  return (
    <EmptyPlace title={blocked.title}>
      <p>{blocked.advice}</p>
      {blocked.why === "not-running" && instance.status !== "stopping" && (
        <Button look="primary" icon="play" onClick={() => void act(instance, "start")}>
          Start
        </Button>
      )}
    </EmptyPlace>
  );
}
