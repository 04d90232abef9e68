/** Where the dashboard begins. */
import "./sign-in/token.ts";
import "./styles/tokens.css";
import "./styles/base.css";
import { render } from "preact";
import { loadSession } from "./api/session.ts";
import { App } from "./app.tsx";

const root = document.getElementById("app");
if (root === null) throw new Error("index.html has no #app");
void loadSession();
render(<App />, root);
