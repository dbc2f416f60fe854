//! Process groups: a driver may have started others, and they go with it.

use std::process::{Command, Stdio};

/// Lets a command begin a group of its own.
pub(super) fn begin(command: &mut Command) {
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        command.process_group(0);
    }
    #[cfg(not(unix))]
    let _ = command;
}

/// Kills the group that the process `leader` began. Elsewhere than on Unix nothing: there the
/// process alone is killed, by whoever calls this.
pub(super) fn kill(leader: u32) {
    if cfg!(unix) {
        // The standard library can signal a process, not a group; a shell can.
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("kill -s KILL -- -{leader}")]);
        shell.stdin(Stdio::null()).stdout(Stdio::null());
        // It fails when the group is gone already.
        drop(shell.stderr(Stdio::null()).status());
    }
}
