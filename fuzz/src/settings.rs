//! Settings: files in TOML, variables of the environment.
use crate::mode;
use obs_core::Settings;

/// Takes the bytes for a settings file, or for values of all variables.
///
/// # Panics
///
/// When a problem is told with a control character, or a number is out of its bounds.
pub fn check(bytes: &[u8]) {
    let (mode, rest) = mode(bytes);
    let Ok(text) = std::str::from_utf8(rest) else { return };
    if mode > 0 {
        let names = Settings::default();
        let values = text.split('\n').chain(std::iter::repeat(text));
        let name = |name: &str| format!("OBS_{}", name.to_uppercase());
        let mut settings =
            Settings::from_vars(names.all().map(|setting| name(setting.name)).zip(values));
        settings.keep_bounds();
        judge(&settings);
        return;
    }
    match Settings::from_toml("obs.toml", text) {
        Ok(mut settings) => {
            settings.keep_bounds();
            judge(&settings);
        }
        Err(error) => assert!(is_safe(&error.to_string()), "{error:?}"),
    }
}

fn judge(settings: &Settings) {
    for problem in &settings.problems {
        assert!(is_safe(&problem.to_string()), "{problem:?}");
    }
    assert!(settings.ring_bytes.is_power_of_two() && settings.stage_bytes.is_power_of_two());
}

fn is_safe(text: &str) -> bool {
    text.chars().all(|c| c == '\n' || !c.is_control())
}
