//! What the command says of itself.
use expect_test::expect;

obstest!(the_help_lists_commands_and_exit_codes, |dir, obs| {
    expect![[r#"
        Lists, reads, recovers and bundles what runs left behind

        Usage: obs [OPTIONS] <COMMAND>

        Commands:
          runs     Lists runs, newest first
          logs     Shows a run's records, also while it is alive
          recover  Completes what a dead run left, and says how it ended
          bundle   Puts a run into one file for support, or checks such a file
          redact   Takes secrets out of a text: from standard input to standard output
          send     Sends what receivers have not got of a run that has ended, by OTLP
          export   Writes a run's records as files for other tools
          sql      Looks after the database that records are kept in, and asks it
          doctor   Says what is wrong with the set-up of a program, and what to do
          help     Print this message or the help of the given subcommand(s)

        Options:
              --root <DIR>    The directory of the run directories [default: OBS_RUN_ROOT, else those of all services]
              --color <WHEN>  Colours: auto, always or never [default: OBS_COLOR or NO_COLOR, else on a terminal]
          -h, --help          Print help
          -V, --version       Print version

        RUN is the path of a run directory, a run's id, the beginning of an id or of a directory's name, or the name of a
        service, which stands for its newest run.

        Exit codes:
          0  done
          1  it could not be done
          2  the command line makes no sense
          3  there is no such run
          4  `bundle verify`, `redact`, `view` or `summary`: the bundle is not whole
          5  done in part: what is missing is listed
          6  the run is alive, so it cannot be recovered or sent
          7  `doctor`: there is a warning or a problem
          130  `bundle`: ended by signals, and nothing was written
    "#]].assert_eq(&obs(&["--help"]).good());
});

obstest!(the_help_of_logs_explains_filters_and_times, |dir, obs| {
    expect![[r#"
        Shows a run's records, also while it is alive

        Usage: obs logs [OPTIONS] [RUN] [FILTER]...

        Arguments:
          [RUN] [FILTER]...  The run [default: the newest], then filters

        Options:
          -f, --filter <FILTER>  A filter, wherever it stands
          -l, --level <LEVEL>    Only records of this level and above
          -t, --target <PREFIX>  Only records whose logger begins like this
              --since <WHEN>     Only records from this time on
              --until <WHEN>     Only records before this time
              --tail <N>         Only the last N lines
              --spans            Spans, too, where they ended
              --json             The lines of log.jsonl
              --root <DIR>       The directory of the run directories [default: OBS_RUN_ROOT, else those of all services]
              --color <WHEN>     Colours: auto, always or never [default: OBS_COLOR or NO_COLOR, else on a terminal]
          -h, --help             Print help

        A FILTER is a field of the JSON line, an operator and a value:
          field=value  field!=value         equal or not; a line without the field passes `!=`
          field>value  >=  <  <=            as numbers where both are, else as texts; levels by severity
          field~text   field!~text          contains the text or not
        Fields are those of the record, its spans, its context and its run, and event, logger, level, thread, trace_id,
        span_id, seq. All filters must hold. Quote those with `<` or `>` against the shell: 'elapsed_ms>100'.

        WHEN is 2026-11-22T10:00, 2026-11-22, 10:05 (UTC), today, yesterday, or an age such as 3h or -3h.

        Lines that tell of lost or withheld records are always shown within the time asked for.
    "#]].assert_eq(&obs(&["logs", "--help"]).good());
});

obstest!(the_help_of_bundle_explains_what_goes_in, |dir, obs| {
    expect![[r#"
        Puts a run into one file for support, or checks such a file

        Usage: obs bundle [OPTIONS] [RUN]
               obs bundle <COMMAND>

        Commands:
          list     Tells what a bundle of a run would hold, and writes nothing
          verify   Checks that a bundle is whole, without unpacking it
          redact   Makes a bundle of a bundle: redacts it once more, and leaves files out
          view     Shows what a bundle is about, or one of its files, without unpacking it
          summary  Tells on a page what somebody should know who is handed a bundle
          help     Print this message or the help of the given subcommand(s)

        Arguments:
          [RUN]  The run [default: the newest]

        Options:
          -o, --output <FILE>            The file to write, or the directory for it [default: the run directory]
              --since <WHEN>             Only records from this time on
              --until <WHEN>             Only records before this time
              --include <GLOB>           Only files whose paths in the bundle fit, such as 'run/log*'; may be repeated
              --exclude <GLOB>           No files whose paths in the bundle fit; may be repeated
              --no-journal               Without the journal, which is what reports and replays are made from
              --include-binary           With artefacts that are no text, as they are: secrets in them cannot be seen
              --max-size <SIZE>          What the bundle may take, such as 50MiB: the oldest lines are left out first
              --artifacts-max <SIZE>     What artefacts may take together, such as 64MiB [default: 128MiB, and 64MiB each]
              --sign-key <FILE>          Sign it with this secret key of minisign
              --sign-password-env <VAR>  The variable that holds the key's password, if it has one
              --encrypt-to <RECIPIENT>   Encrypt it to this recipient of age, age1…; may be repeated
              --timeout <TIME>           How long each collector is waited for, such as 10s [default: 30s]
              --json                     One JSON object
              --root <DIR>               The directory of the run directories [default: OBS_RUN_ROOT, else those of all services]
              --color <WHEN>             Colours: auto, always or never [default: OBS_COLOR or NO_COLOR, else on a terminal]
          -h, --help                     Print help

        WHEN is 2026-11-22T10:00, 2026-11-22, 10:05 (UTC), today, yesterday, or an age such as 3h or -3h. It chooses lines of
        logs, spans and actions, and leaves out segments of the journal that are outside as a whole.

        A GLOB has * for any characters, slashes too, ? for one and [a-z] for one of several; quote it against the shell.

        Ctrl-C or SIGTERM ends a bundle early: what is there by then is kept, and is a bundle in part. A second one removes it.

        It gives way to other processes, as `nice` makes it.
    "#]].assert_eq(&obs(&["bundle", "--help"]).good());
    expect![[r#"
        Checks that a bundle is whole, without unpacking it

        Usage: obs bundle verify [OPTIONS] <ZIP>

        Arguments:
          <ZIP>  The bundle

        Options:
              --public-key <KEY>  The public key of minisign, or the file of it, that must have signed it
              --identity <FILE>   The file of an identity of age that can decrypt it
              --json              One JSON object
              --root <DIR>        The directory of the run directories [default: OBS_RUN_ROOT, else those of all services]
              --color <WHEN>      Colours: auto, always or never [default: OBS_COLOR or NO_COLOR, else on a terminal]
          -h, --help              Print help

        That a bundle is whole says that nothing in it was changed, not who made it: that is for a signature to say, and takes
        the public key of who is to have made it.
    "#]].assert_eq(&obs(&["bundle", "verify", "--help"]).good());
    expect![[r#"
        Makes a bundle of a bundle: redacts it once more, and leaves files out

        Usage: obs bundle redact [OPTIONS] <ZIP>

        Arguments:
          <ZIP>  The bundle

        Options:
          -o, --output <FILE>            The file to write, or the directory for it; none is replaced [default: <ZIP>-redacted.zip beside it]
              --redact <RULES>           What is secret, too, beside the setting `redact`; may be repeated
              --include <GLOB>           Only files whose paths in the bundle fit, such as 'run/log*'; may be repeated
              --exclude <GLOB>           No files whose paths in the bundle fit; may be repeated
              --include-binary           With files that are no text, as they are: secrets in them cannot be seen
              --run <RUN>                The run that the bundle is of, whose key makes the digits of new marks
              --identity <FILE>          The file of an identity of age that can decrypt the bundle
              --sign-key <FILE>          Sign it with this secret key of minisign
              --sign-password-env <VAR>  The variable that holds the key's password, if it has one
              --encrypt-to <RECIPIENT>   Encrypt it to this recipient of age, age1…; may be repeated
              --json                     One JSON object
              --root <DIR>               The directory of the run directories [default: OBS_RUN_ROOT, else those of all services]
              --color <WHEN>             Colours: auto, always or never [default: OBS_COLOR or NO_COLOR, else on a terminal]
          -h, --help                     Print help

        RULES are those of the setting `redact`: names with commas between, `!` before those that are plain, and patterns such
        as badge=/ACME-[0-9]{8}/.

        The bundle is checked first, and stays as it is; what is made of it says so. Marks of redaction stay as they are, new
        ones have digits only where --run names the run that the bundle is of, and its directory still has its key.
    "#]].assert_eq(&obs(&["bundle", "redact", "--help"]).good());
});

obstest!(a_wrong_command_line_has_an_exit_code_of_its_own, |dir, obs| {
    for arguments in [
        &["rums"][..],
        &["logs", "--level", "loud"],
        &["logs", "--since", "soon"],
        &["logs", "acm", "acm"],
        &["logs", "-f", "level=loud"],
        &["logs", "--tail", "-1"],
        &["recover", "--all", "acm"],
        &["bundle", "--artifacts-max", "3 parsecs"],
        &["bundle", "verify"],
        &["bundle", "--max-size", "little"],
        &["bundle", "--timeout", "soon"],
        &["bundle", "--exclude", "a["],
        &["bundle", "--sign-password-env", "X"],
        &["bundle", "summary", "x.zip", "--markdown", "--json"],
        &["runs", "--color", "purple"],
    ] {
        let said = obs(arguments).failed(2);
        assert!(said.starts_with("error: ") || said.starts_with("obs: "), "{said}");
    }
});

obstest!(a_wrong_setting_is_noted_and_stops_nothing, |dir, _obs| {
    dir.finished("acm");
    let ran = dir.obs(&["runs"]).env("OBS_COLOR", "purple").run();
    assert_eq!(ran.code, 0);
    expect![[r#"
        obs: OBS_COLOR=purple is ignored: not understood, expected auto, always or never
    "#]]
    .assert_eq(&ran.err);
});
