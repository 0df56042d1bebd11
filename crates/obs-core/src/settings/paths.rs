//! Where run directories can go.

use std::path::PathBuf;

use super::Settings;

const SERVICE_BYTES_MAX: usize = 100;

impl Settings {
    /// The directories to try for run directories, the best first.
    ///
    /// With `run_root` set only that. Else `<state_dir>/obs/<service>/runs`, then
    /// `<temp_dir>/obs-<uid>/<service>/runs`, where `uid` is the user that the process runs as.
    pub fn run_root_candidates(&self, uid: u32) -> Vec<PathBuf> {
        if let Some(root) = &self.run_root {
            return vec![root.clone()];
        }
        let service = self.service_file_name();
        let roots = [
            self.state_dir.as_ref().map(|state| state.join("obs")),
            Some(self.temp_dir.join(format!("obs-{uid}"))),
        ];
        roots.into_iter().flatten().map(|root| root.join(&service).join("runs")).collect()
    }

    /// The service's name as one component of a path: letters, digits, `.`, `_` and `-` stay, every
    /// other character and a dot at the start become `_`; cut at 100 bytes; `unknown` if empty.
    pub fn service_file_name(&self) -> String {
        let kept = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let mut name: String = self
            .service
            .chars()
            .take(SERVICE_BYTES_MAX)
            .map(|c| if kept(c) { c } else { '_' })
            .collect();
        if name.starts_with('.') {
            name.replace_range(..1, "_");
        }
        if name.is_empty() { "unknown".to_owned() } else { name }
    }
}
