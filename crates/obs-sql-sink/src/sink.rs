//! The sink.
use crate::cleanup::Cleaner;
use crate::fault::Fault;
use crate::partitions::Partitions;
use crate::piece::{Feed, Piece};
use crate::rejected::{Refusal, Rejected};
use crate::render::{Renderer, RunChange};
use crate::schema::{self, Wanted};
use crate::session::Session;
use crate::store::{Load, RunRow};
use crate::tables::{Table, tables};
use obs_core::resource::Resource;
use obs_core::settings::{SqlColumns, SqlKind, SqlPartition, SqlUrl};
use obs_core::sink::Appetite;
use obs_core::wire::Kind;
use obs_core::{Batch, Level, RunId, Settings, Sink, SinkError, UnixNanos};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::Instant;

/// The sink's name.
pub const NAME: &str = "sql";

/// What is kept in a database, and where.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SqlOptions {
    /// The database.
    pub url: SqlUrl,
    /// The lowest level of events that are kept.
    pub level: Level,
    /// The attributes that have a column of their own.
    pub columns: SqlColumns,
    /// How long the times are that one partition holds.
    pub partition: SqlPartition,
    /// The age up to which rows are kept, whoever wrote them; zero is for ever. It counts from the newest record that
    /// the sink has written.
    pub age_max: Duration,
    /// The file that takes the rows that the database refuses.
    pub rejected: Option<PathBuf>,
}

/// How often old rows are looked for, by the times of records.
const CLEAN_INTERVAL: Duration = Duration::from_secs(600);
/// How long removing them may take at a time.
const CLEAN: Duration = Duration::from_millis(50);

impl SqlOptions {
    /// The defaults for a database.
    #[must_use]
    pub fn new(url: SqlUrl) -> Self {
        Self {
            url,
            level: Level::Info,
            columns: SqlColumns::default(),
            partition: SqlPartition::None,
            age_max: Duration::ZERO,
            rejected: None,
        }
    }

    /// What the settings say, if they name a database.
    #[must_use]
    pub fn from_settings(settings: &Settings) -> Option<Self> {
        Some(Self {
            level: settings.log_level,
            columns: settings.sql_columns.clone(),
            partition: settings.sql_partition,
            age_max: settings.sql_age_max,
            ..Self::new(settings.sql.clone()?)
        })
    }

    pub(crate) fn wanted(&self) -> Wanted {
        let partition = Some(self.partition).filter(|length| *length != SqlPartition::None);
        Wanted { columns: self.columns.clone(), partition }
    }
}

/// Keeps the records of one run in the tables of a database, each once. See the [crate's documentation](crate).
///
/// All errors are transient: whatever is wrong, somebody may put it right, and until then the journal keeps the
/// records.
pub struct SqlSink {
    options: SqlOptions,
    run: RunRow,
    tables: [Table; 3],
    renderer: Renderer,
    rejected: Rejected,
    /// Rows in the making, kept for their memory.
    spare: Vec<Piece>,
    /// `None` until it is connected.
    open: Option<Open>,
    /// Whether something was written since the last flush.
    is_dirty: bool,
    cleaning: Cleaning,
}

/// Removing what is old.
#[derive(Debug, Default)]
struct Cleaning {
    /// The time of the newest record.
    newest: UnixNanos,
    /// When it is to begin again, by the times of records.
    due: UnixNanos,
    under_way: Option<Cleaner>,
}

/// A database that is connected, and known to be as it should.
struct Open {
    session: Session,
    partitions: Partitions,
    /// The number of the last record that it has.
    last_seq: u64,
}

impl std::fmt::Debug for SqlSink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqlSink").field("options", &self.options).finish_non_exhaustive()
    }
}

impl SqlSink {
    /// A sink for the records of a run, of the source that `resource` describes. It connects when it is first asked for
    /// something.
    #[must_use]
    pub fn new(options: SqlOptions, run_id: RunId, resource: Resource) -> Self {
        Self {
            run: RunRow { run_id, resource },
            tables: tables(options.url.kind(), &options.columns),
            renderer: Renderer::new(run_id, options.level, options.columns.clone()),
            rejected: Rejected::new(options.rejected.clone()),
            spare: Vec::new(),
            open: None,
            is_dirty: false,
            cleaning: Cleaning::default(),
            options,
        }
    }

    /// Connects, sees to the tables, and asks how far the run's records have come.
    fn ready(&mut self) -> Result<u64, Fault> {
        if let Some(open) = &self.open {
            return Ok(open.last_seq);
        }
        let mut session = Session::create(&self.options.url)?;
        schema::migrate(&mut session, &self.options.wanted())?;
        let partitions = Partitions::of(&mut session)?;
        let last_seq = self.run.last_seq(&mut session)?;
        self.open = Some(Open { session, partitions, last_seq });
        Ok(last_seq)
    }

    fn take(&mut self, batch: &mut dyn Batch) -> Result<(), Fault> {
        self.renderer.forget();
        let mut carried = None;
        loop {
            let from = self.ready()?;
            let Some(open) = &mut self.open else { return Ok(()) };
            let mut feed = Feed {
                batch,
                renderer: &mut self.renderer,
                from,
                newest: &mut self.cleaning.newest,
                is_over: false,
                spare: &mut self.spare,
            };
            let first = carried.take().unwrap_or_else(|| feed.next());
            let Some(last) = first.last else { return Ok(()) };
            if first.rows.is_empty() && first.change == RunChange::default() {
                feed.give_back([first]);
                batch.settle(last);
                continue;
            }
            open.partitions.make(&mut open.session, &first.rows)?;
            let next = feed.fresh();
            let mut load = Load {
                tables: &self.tables,
                partitions: &open.partitions,
                feed: &mut feed,
                pieces: vec![first],
                next,
            };
            let refusals = self.run.store(&mut open.session, &mut load, &self.rejected)?;
            open.last_seq = load.last();
            self.is_dirty = true;
            let Load { pieces, next, .. } = load;
            feed.give_back(pieces);
            carried = Some(next).filter(|next| next.last.is_some());
            batch.settle(open.last_seq);
            tell(&self.options.url, batch, &refusals);
        }
    }

    /// Makes durable what SQLite has only written.
    fn sync(&mut self) -> Result<(), Fault> {
        let Some(Open { session, .. }) = &mut self.open else { return Ok(()) };
        if session.kind() != SqlKind::Sqlite || !self.is_dirty {
            return Ok(());
        }
        session.say("PRAGMA synchronous = FULL")?;
        let sql = "UPDATE obs_runs SET last_seq = last_seq WHERE run_id = ?";
        session.execute(sql, &[self.run.run_id.to_string().into()])?;
        session.say("PRAGMA synchronous = NORMAL")?;
        self.is_dirty = false;
        Ok(())
    }

    /// Removes some of what is old.
    fn clean(&mut self) -> Result<(), Fault> {
        let (Some(Open { session, .. }), Cleaning { newest, due, under_way }) =
            (&mut self.open, &mut self.cleaning)
        else {
            return Ok(());
        };
        if self.options.age_max.is_zero() || under_way.is_none() && *newest < *due {
            return Ok(());
        }
        let before = newest.saturating_sub(self.options.age_max);
        let cleaner = under_way.get_or_insert_with(|| Cleaner::new(before));
        *due = newest.saturating_add(CLEAN_INTERVAL);
        let begun = Instant::now();
        while begun.elapsed() < CLEAN {
            match cleaner.step(session) {
                Ok(true) => {}
                outcome => {
                    // What went wrong is told, and tried again when it is due.
                    *under_way = None;
                    return outcome.map(|_| ());
                }
            }
        }
        Ok(())
    }

    /// After anything that goes wrong the connection is made anew: who knows what it is in the middle of.
    fn told<T>(&mut self, outcome: Result<T, Fault>) -> Result<T, SinkError> {
        outcome.map_err(|fault| {
            self.open = None;
            fault.into_sink_error(&self.options.url.to_string())
        })
    }
}

/// Tells of rows that were refused: records, of which each may have several.
fn tell(url: &SqlUrl, batch: &mut dyn Batch, refusals: &[Refusal]) {
    if let Some(refusal) = refusals.last() {
        let records: BTreeSet<i64> = refusals.iter().map(|refusal| refusal.seq).collect();
        let why = format!("{url}: a row is refused: {}", refusal.reason);
        batch.lose(records.len() as u64, &why);
    }
}

impl Sink for SqlSink {
    fn name(&self) -> &str {
        NAME
    }

    fn appetite(&self) -> Appetite {
        Appetite::Synced
    }

    fn wants(&self, kind: Kind) -> bool {
        !matches!(kind, Kind::SpanStart | Kind::SpanRecord | Kind::SpanLink | Kind::Thread)
    }

    fn write(&mut self, batch: &mut dyn Batch) -> Result<(), SinkError> {
        let outcome = self.take(batch);
        self.told(outcome)
    }

    fn flush(&mut self) -> Result<(), SinkError> {
        let outcome = self.sync().and_then(|()| self.clean());
        self.told(outcome)
    }

    fn resume(&mut self) -> Result<Option<u64>, SinkError> {
        let outcome = self.ready();
        self.told(outcome).map(Some)
    }
}
