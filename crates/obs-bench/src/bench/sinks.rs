//! What an event costs its thread with a number of sinks behind it. A peer with as many layers, each with lines of JSON
//! for a file and a thread of its own, is the comparison.
use super::bursts::{Contest, PLAIN};
use crate::line::Line;
use crate::scale::Scale;
use crate::system::Name;
use crate::system::obs_sql::State;
use std::time::Duration;

/// Six sinks on two cores need longer than one to deal with a burst.
const SINKS: Contest =
    Contest { bench: "sinks", workload: "sinks", pause: Duration::from_millis(4), ..PLAIN };

const CONTESTS: [Contest; 4] = [
    Contest {
        ours: Name::ObsSinks(1),
        peers: &[Name::JsonFiles(1)],
        sinks: Some(1),
        is_counted: true,
        ..SINKS
    },
    Contest { ours: Name::ObsSinks(2), peers: &[Name::JsonFiles(2)], sinks: Some(2), ..SINKS },
    Contest { ours: Name::ObsSinks(4), peers: &[Name::JsonFiles(4)], sinks: Some(4), ..SINKS },
    Contest {
        ours: Name::ObsSinks(6),
        peers: &[Name::JsonFiles(6)],
        sinks: Some(6),
        is_counted: true,
        ..SINKS
    },
];

const DATABASE: Contest = Contest { workload: "sinks-sql", peers: &[NO_DATABASE], ..SINKS };
const NO_DATABASE: Name = Name::ObsSql(State::None);

/// A database that is well, locked, and away, each beside none.
const DATABASES: [Contest; 3] = [
    Contest { workload: "sinks-sql-well", ours: Name::ObsSql(State::Well), ..DATABASE },
    Contest { workload: "sinks-sql-locked", ours: Name::ObsSql(State::Locked), ..DATABASE },
    Contest { workload: "sinks-sql-away", ours: Name::ObsSql(State::Away), ..DATABASE },
];

pub(super) fn databases(scale: Scale) -> anyhow::Result<Vec<Line>> {
    Contest::lines_of(&DATABASES, scale)
}

pub(super) fn lines(scale: Scale) -> anyhow::Result<Vec<Line>> {
    Contest::lines_of(&CONTESTS, scale)
}
