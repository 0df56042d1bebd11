//! Goldens, corpora and mutants of every format, and the document that lists them.
#[cfg(test)]
mod crash;
#[cfg(test)]
mod document;
#[cfg(test)]
mod goldens;
#[cfg(test)]
mod handed;
#[cfg(test)]
mod made;
#[cfg(test)]
mod mutants;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod replay;
#[cfg(test)]
mod run;
