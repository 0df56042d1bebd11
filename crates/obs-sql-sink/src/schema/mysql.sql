CREATE TABLE IF NOT EXISTS obs_runs (
  run_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  service VARCHAR(255) NOT NULL,
  started_at DATETIME(6),
  ended_at DATETIME(6),
  outcome VARCHAR(32),
  detail MEDIUMTEXT,
  resource JSON NOT NULL,
  last_seq BIGINT NOT NULL,
  lost BIGINT NOT NULL,
  rejected BIGINT NOT NULL,
  INDEX obs_runs_service (service, started_at)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS obs_logs (
  run_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  seq BIGINT NOT NULL,
  time DATETIME(6) NOT NULL,
  nanos SMALLINT NOT NULL,
  level VARCHAR(8) NOT NULL,
  logger TEXT NOT NULL,
  event LONGTEXT NOT NULL,
  trace_id CHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
  span_id CHAR(16) CHARACTER SET ascii COLLATE ascii_bin,
  attributes JSON NOT NULL,
  PRIMARY KEY (run_id, seq),
  INDEX obs_logs_time (time),
  INDEX obs_logs_trace (trace_id),
  INDEX obs_logs_errors (level, time)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS obs_spans (
  run_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  seq BIGINT NOT NULL,
  time DATETIME(6) NOT NULL,
  nanos SMALLINT NOT NULL,
  level VARCHAR(8) NOT NULL,
  logger TEXT NOT NULL,
  name TEXT NOT NULL,
  trace_id CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  span_id CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  parent_id CHAR(16) CHARACTER SET ascii COLLATE ascii_bin,
  start DATETIME(6) NOT NULL,
  start_nanos SMALLINT NOT NULL,
  duration_ns BIGINT NOT NULL,
  unfinished BOOLEAN NOT NULL,
  attributes JSON NOT NULL,
  PRIMARY KEY (run_id, seq),
  INDEX obs_spans_time (time),
  INDEX obs_spans_trace (trace_id),
  INDEX obs_spans_name (name(191), duration_ns)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS obs_actions (
  run_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  seq BIGINT NOT NULL,
  time DATETIME(6) NOT NULL,
  nanos SMALLINT NOT NULL,
  action TEXT NOT NULL,
  success BOOLEAN NOT NULL,
  latency_ms DOUBLE,
  error LONGTEXT,
  PRIMARY KEY (run_id, seq),
  INDEX obs_actions_time (time),
  INDEX obs_actions_action (action(191), latency_ms)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
