//! What is done in processes of their own.
pub(crate) mod bursts;
pub(crate) mod calls;
pub(crate) mod doomed;
pub(crate) mod flood;
pub(crate) mod growth;
pub(crate) mod idle;
pub(crate) mod own;
pub(crate) mod records;
pub(crate) mod startup;
pub(crate) mod steady;
pub(crate) mod threads;
pub(crate) mod web;
pub(crate) mod writing;

use crate::process::serve;
use anyhow::bail;

/// Does what the process was sent for; `arguments` are those behind `live`.
pub(crate) fn live(arguments: &[String]) -> anyhow::Result<()> {
    let known = [
        serve::<calls::Calls>,
        serve::<doomed::Doomed>,
        serve::<flood::Flood>,
        serve::<growth::Growth>,
        serve::<idle::Idle>,
        serve::<records::Records>,
        serve::<startup::Startup>,
        serve::<steady::Steady>,
        serve::<threads::Threads>,
        serve::<web::Web>,
        serve::<writing::Writing>,
    ];
    for serve in known {
        if serve(arguments)? {
            return Ok(());
        }
    }
    bail!("there is no errand `{}`", arguments.first().map_or("", String::as_str))
}
