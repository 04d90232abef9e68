-- MCP servers of nodes, and their tools as they were seen last and as somebody approved them.
CREATE TABLE mcp_servers (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  node_id TEXT NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
  preset TEXT,
  -- How it is run or reached, and its variables, as JSON.
  run TEXT NOT NULL,
  env TEXT NOT NULL,
  idle_minutes REAL,
  -- Of the list that the rows of mcp_tools were written from; and what the server said of itself then.
  tools_digest TEXT,
  about TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX mcp_servers_name ON mcp_servers (name);
CREATE INDEX mcp_servers_created ON mcp_servers (created_at, id);
CREATE INDEX mcp_servers_node ON mcp_servers (node_id);

CREATE TABLE mcp_tools (
  server_id TEXT NOT NULL REFERENCES mcp_servers (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  -- The definition as JSON with its hash; null where the server has the tool no more, or nobody approved it.
  seen TEXT,
  seen_hash TEXT,
  approved TEXT,
  approved_hash TEXT,
  approved_by TEXT,
  approved_at INTEGER,
  blocked INTEGER NOT NULL DEFAULT 0,
  seen_at INTEGER NOT NULL,
  PRIMARY KEY (server_id, name)
);
