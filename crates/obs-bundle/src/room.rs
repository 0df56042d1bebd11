//! Where the room of a bundle of bounded size goes.

/// What `support.json` and `SHA256SUMS` come to, deflated, that describe no file: roughly, and rather too much.
const OWN_BYTES: u64 = 2_200;
/// What they say of any file beside its texts.
const FILE_BYTES: u64 = 190;

/// The room of a bundle.
#[derive(Debug, Clone)]
pub(crate) struct Room {
    /// Bytes of the finished archive.
    bytes_max: u64,
    /// How many times too large the estimate of the bundle's own files is made.
    factor: u64,
    files: u64,
    text_bytes: u64,
    /// What collectors that will be asked later are to find.
    later: u64,
}

impl Room {
    pub(crate) fn new(bytes_max: u64, factor: u64) -> Self {
        Self { bytes_max, factor, files: 0, text_bytes: 0, later: 0 }
    }

    /// Sets aside what those may need who are asked later, each by what it has: as much as all that it has, but no more
    /// than its share.
    pub(crate) fn share(&mut self, taken: u64, own_bytes: u64, later: &[u64]) {
        let left = self.end(own_bytes, 0).saturating_sub(taken);
        let count = later.iter().filter(|bytes| **bytes > 0).count() as u64;
        let fair = left / (count + 1);
        self.later = later.iter().map(|bytes| fair.min(*bytes)).sum();
    }

    /// Notes a file that is described with such texts.
    pub(crate) fn describe(&mut self, text_bytes: usize) {
        self.files += 1;
        self.text_bytes += text_bytes as u64;
    }

    /// How long the archive may be before its own files are added, with one more file of so long a description.
    pub(crate) fn limit(&self, own_bytes: u64, text_bytes: usize) -> u64 {
        self.end(own_bytes, text_bytes).saturating_sub(self.later)
    }

    fn end(&self, own_bytes: u64, text_bytes: usize) -> u64 {
        let files = self.text_bytes + text_bytes as u64 + FILE_BYTES * (self.files + 1);
        let own = (OWN_BYTES + own_bytes / 2 + files).saturating_mul(self.factor);
        self.bytes_max.saturating_sub(own)
    }
}
