//! The two processes: how they are started, serve, and end.
use anyhow::Context;
use axum::Router;
use std::path::Path;
use std::process::{ExitCode, Stdio};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};
use tokio::net::TcpListener;
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// How long the end of a run may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Serves on a port that is free, which it tells on standard output, until standard input ends.
pub(crate) async fn serve(app: Router) -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    say(&format!("http://{}", listener.local_addr()?))?;
    let over = async {
        // What cannot be read has ended, too.
        drop(tokio::io::stdin().read_to_end(&mut Vec::new()).await);
    };
    axum::serve(listener, app).with_graceful_shutdown(over).await?;
    Ok(())
}

/// Ends the run, and tells where it is.
pub(crate) fn finish(run: obs::Run) -> ExitCode {
    let directory = run.dir().map(Path::to_owned);
    let delivery = run.finish(PATIENCE);
    let shown = directory.map(|path| path.display().to_string()).unwrap_or_default();
    match say(&shown) {
        Ok(()) if delivery.lost == 0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

pub(crate) fn say(line: &str) -> std::io::Result<()> {
    use std::io::Write;
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{line}")?;
    stdout.flush()
}

/// A process that serves.
#[derive(Debug)]
pub(crate) struct Serving {
    child: Child,
    /// It serves as long as this is there.
    input: ChildStdin,
    words: Lines<BufReader<ChildStdout>>,
    /// Where it serves.
    pub(crate) address: String,
}

impl Serving {
    /// Starts this program with these arguments and variables.
    pub(crate) async fn start(
        arguments: &[&str],
        vars: &[(String, String)],
    ) -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(arguments)
            .envs(vars.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let input = child.stdin.take().context("it has no input")?;
        let output = child.stdout.take().context("it has no output")?;
        let mut words = BufReader::new(output).lines();
        let address = words.next_line().await?.context("it ended at once")?;
        Ok(Self { child, input, words, address })
    }

    /// Lets it end, and returns the directory of its run.
    pub(crate) async fn end(self) -> anyhow::Result<String> {
        let Self { mut child, input, mut words, .. } = self;
        drop(input);
        let run = words.next_line().await?.unwrap_or_default();
        let status = child.wait().await?;
        anyhow::ensure!(status.success(), "it ended with {status}");
        Ok(run)
    }
}

/// Both processes.
#[derive(Debug)]
pub(crate) struct Pair {
    provider: Serving,
    pub(crate) service: Serving,
}

impl Pair {
    /// Starts them, with the jobs' database in `directory`.
    pub(crate) async fn start(directory: &Path, vars: &[(String, String)]) -> anyhow::Result<Self> {
        let provider = Serving::start(&["provide"], vars).await.context("the provider")?;
        let database = directory.join("jobs.sqlite");
        let database = database.to_str().context("a path that is no text")?;
        let arguments = ["serve", "--provider", &provider.address, "--database", database];
        let service = Serving::start(&arguments, vars).await.context("the service")?;
        Ok(Self { provider, service })
    }

    /// Lets them end, the service first; returns the directories of their runs.
    pub(crate) async fn end(self) -> anyhow::Result<[String; 2]> {
        let service = self.service.end().await.context("the service")?;
        let provider = self.provider.end().await.context("the provider")?;
        Ok([service, provider])
    }
}
