/** Which page stands at which path, and who gets to see it. */
import { QueryClientProvider } from "@tanstack/preact-query";
import { useEffect } from "preact/hooks";
import { Link, Redirect, Route, Switch, useLocation } from "wouter-preact";
import { queryClient } from "./api/queries.ts";
import { loadSession, session } from "./api/session.ts";
import { InstancesPage } from "./instances/page.tsx";
import { followFeed } from "./live/feed.ts";
import { OpenPage } from "./open/page.tsx";
import { Button } from "./parts/button.tsx";
import { later } from "./parts/later.tsx";
import { EmptyPlace, ErrorNotice } from "./parts/notice.tsx";
import { Shell } from "./shell/shell.tsx";
import { Toasts } from "./shell/toasts.tsx";
import { signInPath } from "./sign-in/next.ts";
import { SignInPage } from "./sign-in/page.tsx";

const NodesPage = later(async () => (await import("./nodes/page.tsx")).NodesPage);
const AddNodePage = later(async () => (await import("./nodes/add/page.tsx")).AddNodePage);
const CataloguePage = later(async () => (await import("./catalogue/page.tsx")).CataloguePage);
// With a reader of YAML.
const BlueprintPage = later(async () => (await import("./catalogue/blueprint-page.tsx")).BlueprintPage, {
  ahead: false,
});
const SettingsPage = later(async () => (await import("./settings/page.tsx")).SettingsPage);

const JobsPage = later(async () => (await import("./jobs/page.tsx")).JobsPage);
const JobPage = later(async () => (await import("./jobs/job-page.tsx")).JobPage);
const RunsPage = later(async () => (await import("./runs/page.tsx")).RunsPage);
const RunPage = later(async () => (await import("./runs/run-page.tsx")).RunPage);
const ApprovalsPage = later(async () => (await import("./approvals/page.tsx")).ApprovalsPage);
const ProvidersPage = later(async () => (await import("./providers/page.tsx")).ProvidersPage);
const SecretsPage = later(async () => (await import("./secrets/page.tsx")).SecretsPage);
const McpPages = later(async () => (await import("./mcp/pages.tsx")).McpPages);
const AuditPage = later(async () => (await import("./audit/page.tsx")).AuditPage);

export function App() {
  return (
    <QueryClientProvider client={queryClient}>
      <Switch>
        <Route path="/sign-in" component={SignInPage} />
        <Route component={SignedInPages} />
      </Switch>
      <Toasts />
    </QueryClientProvider>
  );
}

function SignedInPages() {
  const [path] = useLocation();
  const current = session.value;
  switch (current.state) {
    case "loading":
      return null;
    case "signed-out":
      return <Redirect to={signInPath(path + location.search)} replace />;
    case "failed":
      return (
        <EmptyPlace title="The control plane is not there">
          <ErrorNotice error={current.error} />
          <Button look="primary" onClick={() => void loadSession()}>
            Try again
          </Button>
        </EmptyPlace>
      );
    case "signed-in":
      // Somebody who came by a link and has not finished: the welcome step comes first.
      if (current.user && !current.user.hasPassword) return <Redirect to={signInPath(path)} replace />;
      return (
        <Switch>
          <Route path="/open/:id" component={OpenPage} />
          <Route component={LivePages} />
        </Switch>
      );
  }
}

function LivePages() {
  useEffect(() => followFeed(), []);
  return (
    <Shell>
      <Switch>
        <Route path="/" component={InstancesPage} />
        <Route path="/nodes" component={NodesPage} />
        <Route path="/nodes/add" component={AddNodePage} />
        <Route path="/catalogue" component={CataloguePage} />
        <Route path="/catalogue/blueprint/:id" component={BlueprintPage} />
        <Route path="/jobs" component={JobsPage} />
        <Route path="/jobs/runs" component={RunsPage} />
        <Route path="/jobs/runs/:id" component={RunPage} />
        <Route path="/jobs/approvals" component={ApprovalsPage} />
        <Route path="/jobs/:id" component={JobPage} />
        <Route path="/mcp-servers/*?" component={McpPages} />
        <Route path="/settings" component={SettingsPage} />
        <Route path="/settings/providers" component={ProvidersPage} />
        <Route path="/settings/secrets" component={SecretsPage} />
        <Route path="/settings/audit" component={AuditPage} />
        <Route>
          <EmptyPlace title="Nothing stands here">
            <p>
              Go back to the <Link href="/">instances</Link>.
            </p>
          </EmptyPlace>
        </Route>
      </Switch>
    </Shell>
  );
}
