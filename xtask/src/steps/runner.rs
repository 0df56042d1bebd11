//! Runs steps, times them, and says how to repeat the one that failed.

use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::command::Verdict;
use crate::invocation::Invocation;
use crate::workspace::Workspace;

/// One step of a command.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) line: &'static str,
    pub(crate) run: fn(&mut Runner<'_>) -> Result<Outcome>,
}

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    /// `repeat` is what a person types to see it fail again.
    Failed {
        repeat: String,
    },
    /// It had nothing to look at, or could not be done on this machine.
    LeftOut {
        why: String,
    },
}

impl Outcome {
    pub(crate) fn left_out(why: impl Into<String>) -> Self {
        Self::LeftOut { why: why.into() }
    }

    /// `what` says what this tree does not have.
    pub(crate) fn absent(what: &str) -> Self {
        Self::left_out(format!("not there yet: {what}"))
    }

    /// The outcome of a command of ours that `cargo xtask NAME` repeats.
    pub(crate) fn of(verdict: Verdict, name: &str) -> Self {
        match verdict {
            Verdict::Passed => Self::Passed,
            Verdict::Failed | Verdict::Code(_) => {
                Self::Failed { repeat: format!("cargo xtask {name}") }
            }
        }
    }
}

/// What steps run in.
pub(crate) struct Runner<'a> {
    pub(crate) workspace: &'a Workspace,
    pub(crate) out: &'a mut dyn Write,
}

impl Runner<'_> {
    /// Runs `steps` up to the first that fails.
    ///
    /// # Errors
    ///
    /// When a step could not be carried out.
    pub(crate) fn run(&mut self, steps: &[&Step]) -> Result<Verdict> {
        let mut passed = 0;
        let mut left_out = Vec::new();
        for (index, step) in steps.iter().enumerate() {
            let number = index + 1;
            writeln!(self.out, "\nstep {number}/{} {}: {}", steps.len(), step.name, step.line)?;
            let (outcome, time) = timed(|| (step.run)(self));
            let seconds = time.as_secs_f64();
            match outcome? {
                Outcome::Passed => {
                    writeln!(self.out, "step {} passed in {seconds:.1} s", step.name)?;
                    passed += 1;
                }
                Outcome::LeftOut { why } => {
                    writeln!(self.out, "step {} left out: {why}", step.name)?;
                    left_out.push(step.name);
                }
                Outcome::Failed { repeat } => {
                    writeln!(self.out, "step {} failed after {seconds:.1} s", step.name)?;
                    writeln!(self.out, "repeat it with: {repeat}")?;
                    return Ok(Verdict::Failed);
                }
            }
        }
        self.summary(passed, &left_out)
    }

    fn summary(&mut self, passed: usize, left_out: &[&str]) -> Result<Verdict> {
        writeln!(self.out)?;
        if !left_out.is_empty() {
            writeln!(self.out, "left out: {}", left_out.join(", "))?;
        }
        let plural = if passed == 1 { "" } else { "s" };
        writeln!(self.out, "{passed} step{plural} passed")?;
        Ok(Verdict::Passed)
    }

    /// Shows and runs `call` at the workspace root; it prints where we print.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub(crate) fn call(&mut self, call: &Invocation) -> Result<Outcome> {
        writeln!(self.out, "$ {call}")?;
        self.out.flush()?;
        let status = call.run(&self.workspace.root)?;
        let passed = status.success();
        Ok(if passed { Outcome::Passed } else { Outcome::Failed { repeat: call.to_string() } })
    }

    /// Runs `calls` up to the first that fails.
    ///
    /// # Errors
    ///
    /// When one cannot be started.
    pub(crate) fn call_all(&mut self, calls: &[Invocation]) -> Result<Outcome> {
        for call in calls {
            let outcome = self.call(call)?;
            if outcome != Outcome::Passed {
                return Ok(outcome);
            }
        }
        Ok(Outcome::Passed)
    }
}

#[expect(clippy::disallowed_methods, reason = "steps are timed for people; no rule depends on it")]
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    (work(), start.elapsed())
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::{Outcome, Runner, Step};
    use crate::command::Verdict;
    use crate::workspace::Workspace;

    const PASSES: Step = Step { name: "one", line: "passes", run: |_| Ok(Outcome::Passed) };
    const IS_ABSENT: Step =
        Step { name: "two", line: "is absent", run: |_| Ok(Outcome::absent("no such crate")) };
    const FAILS: Step =
        Step { name: "three", line: "fails", run: |_| Ok(Outcome::of(Verdict::Failed, "tidy")) };

    fn check(steps: &[&Step], verdict: Verdict, expected: &Expect) {
        let workspace = Workspace { packages: Vec::new(), root: ".".into(), target: "t".into() };
        let mut out = Vec::new();
        let ended = Runner { workspace: &workspace, out: &mut out }.run(steps).unwrap();
        assert_eq!(ended, verdict);
        expected.assert_eq(&String::from_utf8(out).unwrap());
    }

    #[test]
    fn steps_that_pass_are_counted_on_the_last_line() {
        check(
            &[&PASSES, &IS_ABSENT, &PASSES],
            Verdict::Passed,
            &expect![[r"

                step 1/3 one: passes
                step one passed in 0.0 s

                step 2/3 two: is absent
                step two left out: not there yet: no such crate

                step 3/3 one: passes
                step one passed in 0.0 s

                left out: two
                2 steps passed
            "]],
        );
    }

    #[test]
    fn the_first_step_that_fails_ends_the_run_and_says_how_to_repeat_it() {
        check(
            &[&FAILS, &PASSES],
            Verdict::Failed,
            &expect![[r"

                step 1/2 three: fails
                step three failed after 0.0 s
                repeat it with: cargo xtask tidy
            "]],
        );
    }
}
