//! What obs-log promises, through its public interface.
#[cfg(test)]
mod any_record;
#[cfg(test)]
mod console;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod frames;
#[cfg(test)]
mod json_lines;
#[cfg(test)]
mod lines;
#[cfg(test)]
mod memory;
#[cfg(test)]
mod mutants;
#[cfg(test)]
mod retention;
#[cfg(test)]
mod rotation;
