//! Rings and stages through their public interface.
#![cfg(not(loom))]
#[cfg(test)]
mod crash;
#[cfg(test)]
mod mapped;
#[cfg(test)]
mod mutants;
#[cfg(test)]
mod positions;
#[cfg(test)]
mod ring_model;
#[cfg(test)]
mod stage_model;
