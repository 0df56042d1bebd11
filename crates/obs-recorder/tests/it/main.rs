//! The recorder through its public interface: live runs and dead ones.
#[cfg(test)]
mod cursor;
#[cfg(test)]
mod damage;
mod failures;
#[cfg(test)]
mod live;
#[cfg(test)]
mod orphans;
#[cfg(test)]
mod patience;
#[cfg(test)]
mod pointer;
#[cfg(test)]
mod room;
#[cfg(test)]
mod support;
#[cfg(test)]
mod survey;
