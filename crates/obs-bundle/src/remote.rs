//! The side of a collector: it runs on a thread of its own, and all that it gives goes through a bounded channel.
//!
//! A thread that was given up holds nothing but its end of the channel: whatever it does later reaches no archive.
use crate::collect::{Files, NewFile};
use crate::content::PIECE_BYTES;
use crate::error::{BundleError, BundleErrorKind};
use crate::manifest::{LeftOut, Why};
use std::any::Any;
use std::fmt;
use std::io::{self, ErrorKind, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::Builder;

/// Pieces that may wait for the archive.
const WAITING_MAX: usize = 4;

/// Who adds files of one kind, on a thread of its own.
pub(crate) trait Source: fmt::Debug + Send + Sync {
    /// Its name in `support.json`.
    fn name(&self) -> &str;

    /// Adds what there is.
    fn collect(&self, files: &mut Remote) -> Result<(), BundleError>;

    /// How many bytes it likely has, where room is to be kept for it.
    fn bytes(&self) -> u64 {
        0
    }
}

/// The bytes of a file, which may be needed several times.
pub(crate) trait Content: Read {
    /// Goes back to the first byte.
    fn rewind(&mut self) -> io::Result<()>;
}

/// Bytes that can be read once.
struct Once<'a> {
    content: &'a mut dyn Read,
}

impl Read for Once<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.content.read(buffer)
    }
}

impl Content for Once<'_> {
    fn rewind(&mut self) -> io::Result<()> {
        Err(ErrorKind::Unsupported.into())
    }
}

/// What a collector says to the bundle.
#[derive(Debug)]
pub(crate) enum Message {
    /// A file; to be answered.
    Begin(NewFile),
    /// The next bytes of the file are its first ones.
    Again,
    /// The next bytes of the file.
    Piece(Vec<u8>),
    /// There are no more bytes of the file; to be answered.
    End(Ending),
    /// Something is not in the bundle, and why.
    Missing(String),
    /// A file is not in the bundle because it was not asked for.
    LeftOut(LeftOut),
    /// It is done, or why it cannot go on. The last message.
    Done(Result<(), String>),
}

/// Why there are no more bytes.
#[derive(Debug)]
pub(crate) enum Ending {
    /// These were all.
    Whole,
    /// The file may not have more.
    Bound(u64),
    /// More cannot be read.
    Failed(String),
}

/// What the bundle answers.
#[derive(Debug)]
pub(crate) enum Answer {
    /// Go on.
    Go,
    /// The file is there but for its head.
    Cut,
    /// The file is not wanted, or may not be handed out.
    LeaveOut,
    /// The file has no room.
    NoRoom,
    /// The file is to be read once more.
    Again,
    /// Go on without that.
    No(BundleError),
}

/// Whether a file is in the bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Added {
    /// It is, as it was given.
    Whole,
    /// It is, but for its head.
    Cut,
    /// It is not, and there is no room for it.
    NoRoom,
    /// It is not.
    Not,
}

impl Added {
    /// Whether there may be room for more.
    pub(crate) fn is_as_wanted(self) -> bool {
        matches!(self, Self::Whole | Self::Not)
    }
}

impl Answer {
    fn added(self) -> Result<Added, BundleError> {
        match self {
            Self::Go | Self::Again => Ok(Added::Whole),
            Self::Cut => Ok(Added::Cut),
            Self::LeaveOut => Ok(Added::Not),
            Self::NoRoom => Ok(Added::NoRoom),
            Self::No(error) => Err(error),
        }
    }
}

/// How handing over came to its end.
enum Handed {
    Over(Ending),
    /// The bundle had something to say.
    Interrupted(Answer),
}

/// The bundle as a collector sees it.
#[derive(Debug)]
pub(crate) struct Remote {
    messages: SyncSender<Message>,
    answers: Receiver<Answer>,
}

/// A collector as the bundle sees it.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) messages: Receiver<Message>,
    pub(crate) answers: SyncSender<Answer>,
}

/// Begins to collect.
pub(crate) fn ask(source: Arc<dyn Source>) -> io::Result<Asked> {
    let (to_bundle, messages) = sync_channel(WAITING_MAX);
    let (answers, from_bundle) = sync_channel(1);
    let body = move || {
        let mut remote = Remote { messages: to_bundle, answers: from_bundle };
        let outcome = catch_unwind(AssertUnwindSafe(|| source.collect(&mut remote)));
        let outcome = match outcome {
            Ok(result) => result.map_err(|error| error.to_string()),
            Err(payload) => Err(format!("panicked: {}", panic_text(payload.as_ref()))),
        };
        // Nobody listens any more when the collector was given up.
        remote.send(Message::Done(outcome)).unwrap_or_default();
    };
    // The handle is let go: a thread that hangs in the system cannot be joined.
    Builder::new().name("obs-collect".to_owned()).spawn(body)?;
    Ok(Asked { messages, answers })
}

impl Remote {
    fn send(&self, message: Message) -> Result<(), BundleError> {
        self.messages.send(message).map_err(|_| given_up())
    }

    fn answer(&self) -> Result<Answer, BundleError> {
        self.answers.recv().map_err(|_| given_up())
    }

    /// Adds a file, as [`Files::add`] does, and says whether it is in the bundle. Its content may be read several
    /// times.
    pub(crate) fn offer(
        &self,
        file: NewFile,
        content: &mut dyn Content,
    ) -> Result<Added, BundleError> {
        let bytes_max = file.bytes_max;
        self.send(Message::Begin(file))?;
        match self.answer()? {
            Answer::Go => {}
            Answer::Again => self.rewind(content)?,
            answer => return answer.added(),
        }
        loop {
            let answer = match self.hand_over(content, bytes_max)? {
                Handed::Interrupted(answer) => answer,
                Handed::Over(ending) => {
                    self.send(Message::End(ending))?;
                    self.answer()?
                }
            };
            match answer {
                Answer::Again => self.rewind(content)?,
                answer => return answer.added(),
            }
        }
    }

    fn rewind(&self, content: &mut dyn Content) -> Result<(), BundleError> {
        content.rewind().map_err(|error| {
            let message = format!("cannot read it once more: {error}");
            BundleError::new(BundleErrorKind::Source, message)
        })?;
        self.send(Message::Again)
    }

    /// Hands over what `content` holds, at most `bytes_max` bytes, as long as nobody interrupts.
    fn hand_over(&self, content: &mut dyn Content, bytes_max: u64) -> Result<Handed, BundleError> {
        let mut room = bytes_max;
        loop {
            if let Ok(answer) = self.answers.try_recv() {
                return Ok(Handed::Interrupted(answer));
            }
            let wanted = usize::try_from(room.saturating_add(1)).unwrap_or(usize::MAX);
            let mut piece = vec![0; PIECE_BYTES.min(wanted)];
            let read = match content.read(&mut piece) {
                Ok(0) => return Ok(Handed::Over(Ending::Whole)),
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Ok(Handed::Over(Ending::Failed(error.to_string()))),
            };
            let kept = read.min(usize::try_from(room).unwrap_or(usize::MAX));
            piece.truncate(kept);
            self.send(Message::Piece(piece))?;
            room -= kept as u64;
            if kept < read {
                return Ok(Handed::Over(Ending::Bound(bytes_max)));
            }
        }
    }

    /// Notes that a file is not in the bundle because it was not asked for.
    pub(crate) fn leave_out(&self, path: impl Into<String>, why: Why) {
        // Nobody is left to be told when the collector was given up.
        self.send(Message::LeftOut(LeftOut::new(path, why))).unwrap_or_default();
    }
}

impl Files for Remote {
    fn add(&mut self, file: NewFile, content: &mut dyn Read) -> Result<(), BundleError> {
        self.offer(file, &mut Once { content }).map(|_| ())
    }

    fn missing(&mut self, what: String) {
        // Nobody is left to be told when the collector was given up.
        self.send(Message::Missing(what)).unwrap_or_default();
    }
}

fn given_up() -> BundleError {
    BundleError::new(BundleErrorKind::Output, "the bundle goes on without this collector")
}

fn panic_text(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}
