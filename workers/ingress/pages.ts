/** The few pages that stand on an app's origin in the app's place. Self-contained: they may load nothing. */
import type { ErrorBody, ErrorCode } from "@roundhouse/protocol/errors";
import { RESERVED_PREFIX } from "../objects/node-hub/wire.ts";

const STYLE = `
:root{color-scheme:light dark}
body{font:15px/1.5 system-ui,sans-serif;margin:0;min-height:100vh;display:grid;place-items:center;
  background:light-dark(#f6f5f1,#14171c);color:light-dark(#1d2127,#e6e4de)}
main{max-width:44rem;width:calc(100% - 3rem);padding:1.5rem 0}
h1{font-size:1.35rem;margin:0 0 .25rem}
p{margin:.25rem 0 1rem;color:light-dark(#565d68,#a3a9b3)}
dl{display:flex;flex-wrap:wrap;gap:.5rem 2rem;margin:0 0 1rem}
dt{font-size:.75rem;text-transform:uppercase;letter-spacing:.06em;color:light-dark(#6a7280,#8b929d)}
dd{margin:0;font-variant-numeric:tabular-nums}
pre{background:light-dark(#fff,#0c0e11);border:1px solid light-dark(#dcd9d0,#2a2f37);border-radius:6px;padding:.75rem;
  overflow:auto;font:12.5px/1.45 ui-monospace,monospace;min-height:9rem;max-height:50vh;white-space:pre-wrap;word-break:break-word}
a{color:light-dark(#a4480f,#f0a35c)}
.bar{height:3px;background:linear-gradient(90deg,transparent,light-dark(#c2571a,#f0a35c),transparent);background-size:40% 100%;
  background-repeat:no-repeat;animation:m 1.6s infinite linear;margin-bottom:1.25rem}
.bar[hidden]{display:none}
@keyframes m{from{background-position:-60% 0}to{background-position:160% 0}}
@media (prefers-reduced-motion:reduce){.bar{animation:none}}`;

const SCRIPT = `
const words={stopped:"This app is stopped",installing:"Installing…",starting:"Starting…",stalled:"Still starting…",
  stopping:"Stopping…",error:"The app ended with an error",unreachable:"The node is not connected",started:"Ready"};
const by=(id)=>document.getElementById(id);
const busy=new Set(["installing","starting","stalled","started","unreachable"]);
let errors=0;
by("app").textContent=location.host;
function elapsed(since){
  const s=Math.max(0,Math.round((Date.now()-Date.parse(since))/1000));
  return s<60?s+" s":Math.floor(s/60)+" min "+(s%60)+" s";
}
function bytes(n){const u=["B","KiB","MiB","GiB","TiB"];let i=0;while(n>=1024&&i<4){n/=1024;i++}return n.toFixed(i?1:0)+" "+u[i]}
async function look(){
  try{
    const response=await fetch("${RESERVED_PREFIX}status",{cache:"no-store"});
    if(response.status===401){location.reload();return}
    const state=await response.json();
    errors=0;
    if(state.status==="started"){
      by("title").textContent="Ready";
      const app=await fetch(location.href,{method:"HEAD",cache:"no-store",redirect:"manual"});
      if(app.status!==502&&app.status!==503){location.reload();return}
    }
    by("title").textContent=words[state.status]??state.status;
    by("why").textContent=state.reason?[state.reason.message,state.reason.hint].filter(Boolean).join(" "):"";
    by("bar").hidden=!busy.has(state.status);
    by("elapsed").textContent=state.since?elapsed(state.since):"–";
    by("disk").textContent=state.diskBytes===null?"–":bytes(state.diskBytes);
    by("log").hidden=state.lastLines===null;
    by("log").textContent=state.lastLines?.join("\\n")||"No output yet.";
    by("log").scrollTop=by("log").scrollHeight;
  }catch{
    errors++;
    if(errors>2)by("why").textContent="The control plane does not answer. Trying again…";
  }
  setTimeout(look,1000);
}
look();`;

/** A live page: state, elapsed time, disk growth and last lines; it gives way to the app once that answers. */
export async function startingPage(): Promise<Response> {
  const body = `<div id="bar" class="bar"></div><h1 id="title">One moment…</h1>
<p id="app"></p><p id="why" role="status"></p>
<dl><div><dt>In this state</dt><dd id="elapsed">–</dd></div><div><dt>On disk</dt><dd id="disk">–</dd></div></dl>
<pre id="log" tabindex="0" aria-label="Last lines of the log"></pre><script>${SCRIPT}</script>`;
  return page(503, "Starting", body, `'sha256-${await sha256(SCRIPT)}'`);
}

export async function noticePage(status: number, title: string, text: string, dashboard: string): Promise<Response> {
  const link = `<p><a href="${escapeHtml(dashboard)}">To the dashboard</a></p>`;
  return page(status, title, `<h1>${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p>${link}`, "'none'");
}

/** For links that a browser follows by itself: nothing but a GET may open them. */
export function onlyGet(): Response {
  return errorAnswer(405, "method_not_allowed", "This link is opened with GET.", "Follow it in a browser.");
}

export function errorAnswer(status: number, code: ErrorCode, message: string, hint: string): Response {
  const body: ErrorBody = { error: { code, message, hint } };
  return Response.json(body, { status, headers: { "Cache-Control": "no-store" } });
}

function page(status: number, title: string, body: string, scriptSource: string): Response {
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title><style>${STYLE}</style><main>${body}</main></html>`;
  return new Response(html, {
    status,
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Cache-Control": "no-store",
      // The address of a page may carry the secret of a link.
      "Referrer-Policy": "no-referrer",
      "Content-Security-Policy": `default-src 'none'; style-src 'unsafe-inline'; script-src ${scriptSource}; connect-src 'self'`,
    },
  });
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}
