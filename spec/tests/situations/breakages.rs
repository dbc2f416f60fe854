//! Kills, power losses and failing disks.

use etalon_spec::Situation as S;

use crate::Row;
use crate::views::ops;

pub(crate) fn rows() -> Vec<Row> {
    let rows = [
        (
            S::KillWithUnsynced,
            r#"put "a" "1"; kill; kill"#,
            r#"put "a" "1" sync; kill"#,
        ),
        (
            S::CrashWithUnsynced,
            r#"put "a" "1"; crash; crash"#,
            r#"put "a" "1"; flush; crash"#,
        ),
        (
            S::CrashInFlush,
            "crash in compact at 2; crash",
            r#"crash in put "a" "1" at 0; crash in reopen at 3"#,
        ),
        (
            S::CrashInRecovery,
            "kill then at 1 then at 2; kill",
            "crash keep all; kill",
        ),
        (
            S::DiskFailed,
            "fail in flush at 0 with eio",
            "fail in flush at 9 with eio; flush",
        ),
    ];
    rows.map(|(situation, meets, neighbour)| Row(situation, ops(meets), ops(neighbour)))
        .into()
}
