CREATE TABLE obs_runs (
  run_id uuid NOT NULL PRIMARY KEY,
  service text NOT NULL,
  started_at timestamptz,
  ended_at timestamptz,
  outcome text,
  detail text,
  resource jsonb NOT NULL,
  last_seq bigint NOT NULL,
  lost bigint NOT NULL,
  rejected bigint NOT NULL
);

CREATE INDEX obs_runs_service ON obs_runs (service, started_at);

CREATE TABLE obs_logs (
  run_id uuid NOT NULL,
  seq bigint NOT NULL,
  time timestamptz NOT NULL,
  nanos smallint NOT NULL,
  level text NOT NULL,
  logger text NOT NULL,
  event text NOT NULL,
  trace_id text,
  span_id text,
  attributes jsonb NOT NULL,
  PRIMARY KEY (run_id, seq{partitioned})
){by time};

CREATE INDEX obs_logs_time ON obs_logs (time);

CREATE INDEX obs_logs_trace ON obs_logs (trace_id) WHERE trace_id IS NOT NULL;

CREATE INDEX obs_logs_errors ON obs_logs (time) WHERE level IN ('error', 'fatal');

CREATE TABLE obs_spans (
  run_id uuid NOT NULL,
  seq bigint NOT NULL,
  time timestamptz NOT NULL,
  nanos smallint NOT NULL,
  level text NOT NULL,
  logger text NOT NULL,
  name text NOT NULL,
  trace_id text NOT NULL,
  span_id text NOT NULL,
  parent_id text,
  start timestamptz NOT NULL,
  start_nanos smallint NOT NULL,
  duration_ns bigint NOT NULL,
  unfinished boolean NOT NULL,
  attributes jsonb NOT NULL,
  PRIMARY KEY (run_id, seq{partitioned})
){by time};

CREATE INDEX obs_spans_time ON obs_spans (time);

CREATE INDEX obs_spans_trace ON obs_spans (trace_id);

CREATE INDEX obs_spans_name ON obs_spans (left(name, 200), duration_ns);

CREATE TABLE obs_actions (
  run_id uuid NOT NULL,
  seq bigint NOT NULL,
  time timestamptz NOT NULL,
  nanos smallint NOT NULL,
  action text NOT NULL,
  success boolean NOT NULL,
  latency_ms double precision,
  error text,
  PRIMARY KEY (run_id, seq{partitioned})
){by time};

CREATE INDEX obs_actions_time ON obs_actions (time);

CREATE INDEX obs_actions_action ON obs_actions (left(action, 200), latency_ms)
