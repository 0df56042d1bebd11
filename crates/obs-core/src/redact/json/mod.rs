//! Takes secrets out of JSON, by the names that they stand under and by the rules for text.
mod hit;
mod keys;
mod line;
mod tape;
mod value;

pub use line::JsonLines;
