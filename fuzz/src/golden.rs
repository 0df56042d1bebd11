//! The golden files: one of each format, of one run that was killed.
use obs_core::RunId;

/// 2026-11-22T09:58:03.123456789Z, when the golden run began.
pub const START_NS: u64 = 1_795_341_483_123_456_789;

/// The id of the golden run.
#[must_use]
pub fn run_id() -> RunId {
    RunId::new(START_NS / 1_000_000, 0x1234_5678_9abc_def0_1234_5678_9abc_def0)
}

/// The run directory of the golden run; the directory of its rings is `rings` in it.
pub const RUN_DIRECTORY: &str = "/runs/2026-11-22T09-58-03Z_01a202b0-fc73-7ef0-9234-56789abcdef0";

/// A ring.
pub const RING: &[u8] = include_bytes!("../golden/000000.ring");
/// A stage.
pub const STAGE: &[u8] = include_bytes!("../golden/stage");
/// A dictionary of callsites.
pub const DICTIONARY: &[u8] = include_bytes!("../golden/callsites");
/// A crash page.
pub const CRASH: &[u8] = include_bytes!("../golden/crash");
/// The journal's segments.
pub const SEGMENTS: [&[u8]; 2] =
    [include_bytes!("../golden/000001.seg"), include_bytes!("../golden/000002.seg")];
/// The cursor of the sink of `log.jsonl`.
pub const CURSOR: &[u8] = include_bytes!("../golden/log.cursor");
/// The summary of the run, as it was when the run died.
pub const RUN_JSON: &[u8] = include_bytes!("../golden/run.json");
/// The failures that were counted, once the run was recovered.
pub const FAILURES: &[u8] = include_bytes!("../golden/failures.json");
/// The pointer to the rings.
pub const RINGS_PATH: &[u8] = include_bytes!("../golden/rings.path");
/// Lines of the log, once the run was recovered.
pub const LOG: &[u8] = include_bytes!("../golden/log.jsonl");
/// Lines of spans.
pub const SPANS: &[u8] = include_bytes!("../golden/spans.jsonl");
/// A description of the environment.
pub const ENVIRONMENT: &[u8] = include_bytes!("../golden/env.json");
/// A bundle.
pub const BUNDLE: &[u8] = include_bytes!("../golden/support.zip");
/// The description in that bundle.
pub const SUPPORT: &[u8] = include_bytes!("../golden/support.json");
/// The checksums in that bundle.
pub const SUMS: &[u8] = include_bytes!("../golden/SHA256SUMS");
/// Settings.
pub const SETTINGS: &[u8] = include_bytes!("../golden/obs.toml");
