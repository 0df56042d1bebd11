//! Tests of the toolkit as a whole.
//!
//! [`bundles`] has bundles made of a program under load, and judges them. [`crash`] kills real programs and judges
//! what is left of them. [`sending`] has programs send what they record to receivers that behave and to others that
//! do not. [`tables`] has them write to databases, whose own clients read back what is there.
//! [`sim`] runs the machines of the recorder over a disk that is short, full, failing or gone, kills them at any
//! operation, and judges what is left by a ledger of what was promised. [`trouble`] is a disk that tests fill, stall
//! and write-protect, [`cargo`] builds examples, [`lines`] reads log files strictly, [`options`] reads the command
//! lines of the programs that do all this.
#![forbid(unsafe_code)]

pub mod bare;
pub mod bundles;
pub mod cargo;
pub mod crash;
pub mod lines;
pub mod options;
pub mod sending;
pub mod sim;
pub mod spread;
pub mod tables;
pub mod trouble;
