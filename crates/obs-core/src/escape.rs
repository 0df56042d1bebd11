//! Text made safe for the medium that it goes to: one function per medium.
//!
//! The same characters are dangerous everywhere, because they move a cursor, start a new line,
//! reorder what is shown or hide it: the control characters C0, DEL and C1, the line and paragraph
//! separators, the bidirectional controls, the byte order mark and the tag characters. What is
//! merely unusual (emoji with joiners, combining marks, any script) stays as it is.
//!
//! | characters | code points |
//! |---|---|
//! | C0, DEL, C1 | U+0000–001F, U+007F–009F |
//! | separators | U+2028, U+2029 |
//! | bidirectional controls | U+061C, U+200E, U+200F, U+202A–202E, U+2066–2069 |
//! | byte order mark | U+FEFF |
//! | tag characters | U+E0000–E007F |

mod json;
mod scan;
mod terminal;

pub use json::{json, json_document, json_lossy};
pub use terminal::{terminal, terminal_into, write_terminal};
