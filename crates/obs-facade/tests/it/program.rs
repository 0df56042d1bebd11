//! Programs: the test that calls [`Program::of`], run again in a process of its own.
use obs_test::lines;
use serde_json::{Map, Value};
use std::any::type_name;
use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Output, Stdio};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Set in the process that is to be the program.
const IS_PROGRAM: &str = "IS_TEST_PROGRAM";
/// Where files are in memory, on machines that have such a place.
const MEMORY: &str = "/dev/shm";
/// No program takes longer, or it hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program that has not been started.
pub(crate) struct Program {
    command: Command,
    root: Left,
    /// A copy of the program, if it is one.
    copy: Option<TempDir>,
    is_alone: bool,
}

/// What programs leave: their runs, and the rings of those that died.
pub(crate) struct Left {
    runs: TempDir,
    rings: Option<TempDir>,
}

impl Left {
    fn new() -> Self {
        Self { runs: TempDir::new().unwrap(), rings: rings() }
    }

    /// The directory of the runs.
    pub(crate) fn path(&self) -> &Path {
        self.runs.path()
    }
}

/// A place for rings, in memory where there is such a place, that goes with the test.
pub(crate) fn rings() -> Option<TempDir> {
    TempDir::new_in(MEMORY).ok()
}

/// The machine is shared by most programs; some need it to themselves, for what they promise is true of a machine that
/// is not overloaded.
static MACHINE: RwLock<()> = RwLock::new(());

enum Machine {
    Shared(RwLockReadGuard<'static, ()>),
    Own(RwLockWriteGuard<'static, ()>),
}

impl Machine {
    fn take(is_alone: bool) -> Self {
        if is_alone {
            Self::Own(MACHINE.write().unwrap_or_else(PoisonError::into_inner))
        } else {
            Self::Shared(MACHINE.read().unwrap_or_else(PoisonError::into_inner))
        }
    }

    fn give_back(self) {
        match self {
            Self::Shared(guard) => drop(guard),
            Self::Own(guard) => drop(guard),
        }
    }
}

/// A program that is running.
pub(crate) struct Running {
    machine: Machine,
    child: Child,
    root: Left,
    copy: Option<TempDir>,
    was_heard: bool,
}

/// What a program left.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
    pub(crate) root: Left,
    was_heard: bool,
}

impl Program {
    /// A program that does `body`, which must be a closure written in the test itself: its type tells the test's name.
    /// In the program's own process this does not return.
    pub(crate) fn of<F: FnOnce() + 'static>(body: F) -> Self {
        if is_program() {
            body();
            std::process::exit(0);
        }
        let name = type_name::<F>().replace("::{{closure}}", "");
        let (_, test) = name.split_once("::").unwrap();
        let root = Left::new();
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", test, "--nocapture", "--test-threads=1"]);
        command.env_clear().env(IS_PROGRAM, "1").env("OBS_RUN_ROOT", root.path());
        command.envs(root.rings.iter().map(|rings| ("XDG_RUNTIME_DIR", rings.path())));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self { command, root, copy: None, is_alone: false }
    }

    /// No other program of these tests runs beside it.
    pub(crate) fn alone(self) -> Self {
        Self { is_alone: true, ..self }
    }

    /// Its runs are in memory where there is such a place: no deadline of theirs waits for a disk.
    pub(crate) fn in_memory(mut self) -> Self {
        if let Some(runs) = rings() {
            self.command.env("OBS_RUN_ROOT", runs.path());
            self.root.runs = runs;
        }
        self
    }

    /// A copy that every user of the machine can run.
    pub(crate) fn copied(mut self) -> Self {
        let copy = TempDir::new().unwrap();
        let program = copy.path().join("program");
        std::fs::copy(self.command.get_program(), &program).unwrap();
        for path in [copy.path(), &program] {
            std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)).unwrap();
        }
        let start = program.to_str().unwrap().to_owned();
        let args: Vec<_> = self.command.get_args().map(OsStr::to_owned).collect();
        self.replace(Command::new(start), &args);
        Self { copy: Some(copy), ..self }
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    pub(crate) fn stdin(mut self, stdin: Stdio) -> Self {
        self.command.stdin(stdin);
        self
    }

    pub(crate) fn stderr(mut self, stderr: Stdio) -> Self {
        self.command.stderr(stderr);
        self
    }

    /// Runs are kept in this directory instead of one of their own.
    pub(crate) fn root(mut self, root: &Path) -> Self {
        self.command.env("OBS_RUN_ROOT", root);
        self
    }

    /// Another way to start it: `words`, and behind them the program.
    pub(crate) fn through(mut self, words: &[&str]) -> Self {
        let program = [self.command.get_program().to_owned()];
        let args: Vec<_> =
            program.into_iter().chain(self.command.get_args().map(OsStr::to_owned)).collect();
        let mut command = Command::new(words[0]);
        command.args(&words[1..]);
        self.replace(command, &args);
        self
    }

    fn replace(&mut self, mut command: Command, args: &[OsString]) {
        command.args(args).env_clear();
        for (name, value) in self.command.get_envs() {
            value.map(|value| command.env(name, value));
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        self.command = command;
    }

    pub(crate) fn start(mut self) -> Running {
        let machine = Machine::take(self.is_alone);
        let child = self.command.spawn().unwrap();
        Running { machine, child, root: self.root, copy: self.copy, was_heard: false }
    }

    /// Runs it to its end.
    pub(crate) fn run(self) -> Ended {
        self.start().end()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test's program gets its orders by the environment"
)]
pub(crate) fn is_program() -> bool {
    std::env::var_os(IS_PROGRAM).is_some()
}

/// What the environment of a program says.
#[expect(
    clippy::disallowed_methods,
    reason = "a test's program gets its orders by the environment"
)]
pub(crate) fn order(name: &str) -> String {
    std::env::var(name).unwrap()
}

/// Now, on a steady clock.
#[expect(clippy::disallowed_methods, reason = "the tests measure how long programs take")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Says a line to the test, on standard output.
pub(crate) fn tell(line: &str) {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(format!("\n@{line}\n").as_bytes()).and_then(|()| stdout.flush()).unwrap();
}

/// Waits until it is so.
pub(crate) fn wait_until(mut is_so: impl FnMut() -> bool) {
    let begun = now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE / 2, "it never is");
        std::thread::park_timeout(Duration::from_millis(2));
    }
}

/// Waits until the test lets the program go on.
pub(crate) fn wait_for_test() {
    std::io::stdin().read_line(&mut String::new()).unwrap();
}

impl Running {
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn root(&self) -> &Path {
        self.root.path()
    }

    /// Waits until the program has told this.
    pub(crate) fn told(&mut self, expected: &str) -> String {
        self.was_heard = true;
        let mut stdout = BufReader::with_capacity(1, self.child.stdout.as_mut().unwrap());
        let mut line = String::new();
        loop {
            line.clear();
            assert_ne!(stdout.read_line(&mut line).unwrap(), 0, "ended without {expected}");
            if let Some(rest) =
                line.trim_end().strip_prefix('@').and_then(|told| told.strip_prefix(expected))
            {
                return rest.trim_start().to_owned();
            }
        }
    }

    /// Lets a program go on that waits for its test.
    pub(crate) fn go_on(&mut self) {
        self.child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    }

    /// Its standard input, which else ends when its end is waited for.
    pub(crate) fn input(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    pub(crate) fn kill(mut self) -> Left {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.machine.give_back();
        self.root
    }

    /// Reads its outputs, where they are pipes, and waits for its end.
    pub(crate) fn end(self) -> Ended {
        let id = i32::try_from(self.child.id()).unwrap();
        let (tell, ended) = std::sync::mpsc::channel::<()>();
        let killer = std::thread::Builder::new().spawn(move || {
            if ended.recv_timeout(PATIENCE) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                let process = rustix::process::Pid::from_raw(id).unwrap();
                rustix::process::kill_process(process, rustix::process::Signal::KILL).unwrap();
            }
        });
        let output = self.child.wait_with_output().unwrap();
        drop(tell);
        killer.unwrap().join().unwrap();
        self.machine.give_back();
        self.copy.map_or(Ok(()), TempDir::close).unwrap();
        let Output { status, stdout, stderr } = output;
        Ended { status, stdout, stderr, root: self.root, was_heard: self.was_heard }
    }
}

impl Ended {
    /// It ended as it wanted to, with status 0.
    pub(crate) fn well(self) -> Self {
        assert!(self.status.success(), "{:?}\n{}\n{}", self.status, self.shown(), self.said());
        let was_heard = self.was_heard || self.said().contains("running 1 test");
        assert!(was_heard, "Program::of stands in the test itself");
        self
    }

    /// What is on the terminal, standard error.
    pub(crate) fn shown(&self) -> String {
        String::from_utf8(self.stderr.clone()).unwrap()
    }

    fn said(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// What it told its test.
    pub(crate) fn told(&self, what: &str) -> Vec<String> {
        let said = self.said();
        let told = said.lines().filter_map(|line| line.strip_prefix('@')?.strip_prefix(what));
        told.map(|rest| rest.trim_start().to_owned()).collect()
    }

    /// Its only run.
    pub(crate) fn run(&self) -> PathBuf {
        let runs = runs(self.root.path());
        assert_eq!(runs.len(), 1, "{runs:?}\n{}", self.shown());
        runs[0].clone()
    }

    /// The lines of its only run's `log.jsonl`.
    pub(crate) fn log(&self) -> Vec<Map<String, Value>> {
        lines::read(&self.run().join("log.jsonl"))
    }

    /// `run.json` of its only run.
    pub(crate) fn summary(&self) -> Value {
        summary(&self.run())
    }

    /// Its only run was finished by the program. A disk may take longer than a run is given and leave the rest of it to
    /// recovery; memory may not.
    pub(crate) fn assert_finished(&self) {
        let left = self.summary();
        let is_on_disk = !self.root.path().starts_with(MEMORY);
        if is_on_disk && left["end"].is_null() && left["finished_at"].is_string() {
            let settings = obs::Settings::from_vars(std::iter::empty::<(String, String)>());
            obs::recover(&self.run(), &settings).unwrap();
        }
        assert_eq!(self.summary()["end"]["kind"], "finished", "{left:#}");
    }
}

/// The run directories in `root`, oldest first.
pub(crate) fn runs(root: &Path) -> Vec<PathBuf> {
    let paths = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path());
    // Beside them there are failures.json, its lock, and bundles.
    let mut runs: Vec<_> = paths.filter(|path| path.to_string_lossy().contains('_')).collect();
    runs.sort();
    runs
}

/// Removes a directory that somebody is still writing to.
pub(crate) fn remove(directory: &Path) {
    while let Err(error) = std::fs::remove_dir_all(directory) {
        if error.kind() == ErrorKind::NotFound {
            return;
        }
        assert_eq!(error.kind(), ErrorKind::DirectoryNotEmpty, "{error}");
    }
}

/// The summary of a run.
pub(crate) fn summary(run: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(run.join("run.json")).unwrap()).unwrap()
}

#[test]
fn a_program_ends_as_it_wants_to_and_what_it_says_is_heard() {
    let ended = Program::of(|| {
        tell("hello world");
        std::process::exit(7)
    })
    .run();
    assert_eq!(ended.status.code(), Some(7));
    assert_eq!(ended.told("hello"), ["world"]);
    assert_eq!(runs(ended.root.path()), Vec::<PathBuf>::new());
}
