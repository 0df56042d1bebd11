//! Checks over settings and machines that are made for them.
#[cfg(test)]
mod machine;
#[cfg(test)]
mod manual;
#[cfg(test)]
mod settings;
