//! Programs that use obs: see the files beside this package's manifest.
#![forbid(unsafe_code)]
