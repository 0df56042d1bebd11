CREATE TABLE obs_runs (
  run_id TEXT NOT NULL PRIMARY KEY,
  service TEXT NOT NULL,
  started_at TEXT,
  ended_at TEXT,
  outcome TEXT,
  detail TEXT,
  resource TEXT NOT NULL,
  last_seq INTEGER NOT NULL,
  lost INTEGER NOT NULL,
  rejected INTEGER NOT NULL
);

CREATE INDEX obs_runs_service ON obs_runs (service, started_at);

CREATE TABLE obs_logs (
  run_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  time TEXT NOT NULL,
  level TEXT NOT NULL,
  logger TEXT NOT NULL,
  event TEXT NOT NULL,
  trace_id TEXT,
  span_id TEXT,
  attributes TEXT NOT NULL,
  PRIMARY KEY (run_id, seq)
);

CREATE INDEX obs_logs_time ON obs_logs (time);

CREATE INDEX obs_logs_trace ON obs_logs (trace_id) WHERE trace_id IS NOT NULL;

CREATE INDEX obs_logs_errors ON obs_logs (time) WHERE level IN ('error', 'fatal');

CREATE TABLE obs_spans (
  run_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  time TEXT NOT NULL,
  level TEXT NOT NULL,
  logger TEXT NOT NULL,
  name TEXT NOT NULL,
  trace_id TEXT NOT NULL,
  span_id TEXT NOT NULL,
  parent_id TEXT,
  start TEXT NOT NULL,
  duration_ns INTEGER NOT NULL,
  unfinished INTEGER NOT NULL,
  attributes TEXT NOT NULL,
  PRIMARY KEY (run_id, seq)
);

CREATE INDEX obs_spans_time ON obs_spans (time);

CREATE INDEX obs_spans_trace ON obs_spans (trace_id);

CREATE INDEX obs_spans_name ON obs_spans (name, duration_ns);

CREATE TABLE obs_actions (
  run_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  time TEXT NOT NULL,
  action TEXT NOT NULL,
  success INTEGER NOT NULL,
  latency_ms REAL,
  error TEXT,
  PRIMARY KEY (run_id, seq)
);

CREATE INDEX obs_actions_time ON obs_actions (time);

CREATE INDEX obs_actions_action ON obs_actions (action, latency_ms)
