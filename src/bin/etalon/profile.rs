//! `--profile FILE`: what the store under test promises, said by a file.

use std::path::PathBuf;

use etalon_spec::{Lane, Profile, ProfileFile, Target, Under};

use crate::cases;
use crate::exit::Problem;
use crate::program;

/// The file, where the command line names one.
#[derive(Debug, clap::Args)]
pub struct File {
    /// What the store promises, in TOML: fields such as can, keys.max, options; they take the
    /// place of what the target says of itself
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
}

impl File {
    /// The profile with the file's fields in it; a target that `dies` is a process of its own.
    pub fn over(&self, profile: Profile, dies: bool) -> Result<Profile, Problem> {
        let Some(path) = &self.profile else {
            return Ok(profile);
        };
        let wrong = |error: etalon_spec::FileError| Problem::usage(error.in_file(path.display()));
        let file = ProfileFile::parse(&cases::text(path)?).map_err(wrong)?;
        file.over_target(&profile, dies).map_err(wrong)
    }

    /// The flag as it stands on the command line, after a space; empty if it does not.
    pub fn flag(&self) -> String {
        let flag =
            |path: &PathBuf| format!(" --profile {}", program::quoted(&path.to_string_lossy()));
        self.profile.as_ref().map_or_else(String::new, flag)
    }

    /// Lanes under the profile that the file makes of theirs.
    pub fn under<T: Target>(
        &self,
        lanes: Vec<Lane<T>>,
        dies: bool,
    ) -> Result<Vec<Lane<Under<T>>>, Problem> {
        let lanes = lanes.into_iter().map(
            |Lane {
                 name,
                 target,
                 share,
             }| {
                let profile = self.over(target.profile(), dies)?;
                let target = Under::new(target, profile);
                Ok(Lane {
                    name,
                    target,
                    share,
                })
            },
        );
        lanes.collect()
    }
}
