//! The arrows between our crates.

use super::member::Member;
use super::table::{Row, TEST_CRATE};
use crate::finding::Finding;
use crate::workspace::{Dependency, DependencyKind};

/// The dependencies of `member` that its row does not name.
pub(crate) fn check(member: &Member<'_>, rows: &[Row]) -> Vec<Finding> {
    let name = &member.package.name;
    let Some(row) = rows.iter().find(|row| row.name == *name) else {
        return vec![unknown(member)];
    };
    let ours = |dependency: &&Dependency| rows.iter().any(|row| row.name == dependency.name);
    let dependencies = member.package.dependencies.iter().filter(ours);
    dependencies
        .filter(|dependency| !allows(row, dependency))
        .map(|dependency| Finding {
            path: member.path.clone(),
            line: member.line_of(dependency),
            what: format!(
                "{name} must not depend on {}; an arrow is a name in the row of {name} in \
                 xtask/src/layers/table.rs",
                dependency.name
            ),
            rule: "arrow",
        })
        .collect()
}

fn allows(row: &Row, dependency: &Dependency) -> bool {
    let name = dependency.name.as_str();
    let in_tests = dependency.kind == DependencyKind::Dev;
    row.may.contains(&name) || in_tests && (name == TEST_CRATE || row.may_in_tests.contains(&name))
}

fn unknown(member: &Member<'_>) -> Finding {
    let name = &member.package.name;
    Finding {
        path: member.path.clone(),
        line: member.line_of_key("package", "name"),
        what: format!(
            "{name} has no row; add `row(\"{name}\", Layer::L(…), &[…]),` to ROWS in \
             xtask/src/layers/table.rs"
        ),
        rule: "crate",
    }
}

/// The arrows in `rows` that lead to a crate that does not stand lower.
pub(crate) fn upward(rows: &[Row]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for row in rows {
        for name in row.may.iter().chain(row.may_in_tests) {
            let to = rows.iter().find(|row| row.name == *name);
            if to.is_some_and(|to| to.layer.height() < row.layer.height()) {
                continue;
            }
            findings.push(Finding {
                path: "xtask/src/layers/table.rs".to_owned(),
                line: 1,
                what: format!("the arrow from {} to {name} does not go down", row.name),
                rule: "arrow",
            });
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::super::member::tests::with_member;
    use super::super::table::{Layer, ROWS, Row};
    use super::{check, upward};

    fn judge(name: &str, manifest: &str, expected: &Expect) {
        with_member(name, manifest, |member| {
            let findings = check(member, ROWS);
            expected.assert_eq(&findings.iter().map(|f| format!("{f}\n")).collect::<String>());
        });
    }

    #[test]
    fn an_arrow_of_the_row_is_allowed_in_every_section() {
        judge(
            "obs-recorder",
            "[dependencies]\nobs-core.workspace = true\n[dev-dependencies]\nobs-ring = {}\n",
            &expect![[""]],
        );
    }

    #[test]
    fn an_arrow_between_siblings_is_found_at_its_line() {
        judge(
            "obs-log",
            "[dependencies]\nobs-core.workspace = true\nobs-trace.workspace = true\n",
            &expect![[r"
                crates/obs-log/Cargo.toml:3: obs-log must not depend on obs-trace; an arrow is a name in the row of obs-log in xtask/src/layers/table.rs (arrow)
            "]],
        );
    }

    #[test]
    fn an_arrow_for_tests_is_none_for_the_crate() {
        let dev = "[dev-dependencies]\nobs-recorder = {}\nobs-test = {}\n";
        judge("obs-log", dev, &expect![[""]]);
        judge(
            "obs-log",
            "[dependencies]\nobs-recorder = {}\n[build-dependencies]\nobs-test = {}\n",
            &expect![[r"
                crates/obs-log/Cargo.toml:2: obs-log must not depend on obs-recorder; an arrow is a name in the row of obs-log in xtask/src/layers/table.rs (arrow)
                crates/obs-log/Cargo.toml:4: obs-log must not depend on obs-test; an arrow is a name in the row of obs-log in xtask/src/layers/table.rs (arrow)
            "]],
        );
    }

    #[test]
    fn a_crate_without_a_row_is_told_which_line_to_add() {
        judge(
            "obs-new",
            "[package]\nname = \"obs-new\"\n",
            &expect![[r#"
                crates/obs-new/Cargo.toml:2: obs-new has no row; add `row("obs-new", Layer::L(…), &[…]),` to ROWS in xtask/src/layers/table.rs (crate)
            "#]],
        );
    }

    #[test]
    fn the_table_itself_has_only_arrows_that_go_down() {
        assert_eq!(upward(ROWS), []);
        let row = |name, layer, may| Row { name, layer, may, may_in_tests: &[] };
        let sideways = [row("a", Layer::L(2), &["b"]), row("b", Layer::L(2), &["c"])];
        let said: Vec<_> = upward(&sideways).into_iter().map(|finding| finding.what).collect();
        assert_eq!(
            said,
            ["the arrow from a to b does not go down", "the arrow from b to c does not go down"]
        );
    }
}
