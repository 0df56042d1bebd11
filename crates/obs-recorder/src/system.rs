//! What the recorder asks the system.
use obs_core::encode::{Encoder, Key};
use obs_core::wire::body;
use std::fmt;

/// The boot of the machine: what is in tmpfs belongs to one boot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct BootId([u8; 16]);

impl BootId {
    pub(crate) fn to_bytes(self) -> [u8; 16] {
        self.0
    }

    fn parse(text: &str) -> Option<Self> {
        let digits: String = text.trim().chars().filter(|character| *character != '-').collect();
        u128::from_str_radix(&digits, 16).ok().map(|bits| Self(bits.to_be_bytes()))
    }
}

impl fmt::Display for BootId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", obs_core::RunId::from_bytes(self.0))
    }
}

/// The current boot; zeros where the system does not tell.
pub(crate) fn boot_id() -> BootId {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    BootId::parse(&text).unwrap_or_default()
}

/// How many processes of this process's memory group the kernel has killed for want of memory, where it tells.
pub(crate) fn oom_kills() -> Option<u64> {
    let groups = std::fs::read_to_string("/proc/self/cgroup").ok()?;
    let group = groups.lines().find_map(|line| line.strip_prefix("0::"))?;
    let events = std::fs::read_to_string(format!("/sys/fs/cgroup{group}/memory.events")).ok()?;
    events.lines().find_map(|line| line.strip_prefix("oom_kill ")?.trim().parse().ok())
}

/// A body that consists of text attributes.
pub(crate) fn attributes(pairs: &[(&str, &str)]) -> Vec<u8> {
    let mut encoder = Encoder::new(4096);
    body::begin_attributes(&mut encoder);
    for (name, value) in pairs {
        encoder.text(Key::Name(name), value);
    }
    encoder.finish().to_vec()
}

/// How much nicer than others a thread is that steps back: on a busy machine it gets a tenth of what they get.
const NICER: i32 = 10;

/// Lets the program's own threads go first, where the system knows of priorities of threads.
pub(crate) fn step_back() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{getpriority_process, setpriority_process};
        let thread = Some(rustix::thread::gettid());
        let nicer = getpriority_process(thread).map(|now| now + NICER);
        // A system that forbids it leaves the thread where it is: that costs some speed, and nothing else.
        let _is_courtesy = nicer.and_then(|nicer| setpriority_process(thread, nicer));
    }
}
