//! `profile.toml`: what a store promises, laid over what it says itself.

use super::document::{Document, FileError};
use crate::profile::{Ability, Profile, Shape, Survives};
use crate::protocol::Greeting;

/// A profile file that was read; [`ProfileFile::over`] lays it over a profile.
///
/// ```
/// use etalon_spec::{Ability, Profile, ProfileFile};
///
/// let file = "can = ['scan', 'flush']\nkeys.max = 511\n[options]\ncache = [0, 4096]\n";
/// let file = ProfileFile::parse(file).unwrap();
/// let profile = file.over(&Profile::new("mystore")).unwrap();
/// assert!(profile.can.has(Ability::Scan) && profile.keys.max == 511);
/// assert_eq!((profile.name.as_ref(), profile.keys.min), ("mystore", 0), "as they were");
///
/// let error = ProfileFile::parse("[keys]\nmaxx = 3\n").unwrap().over(&profile).unwrap_err();
/// assert_eq!(error.in_file("profile.toml"), "profile.toml:2:1: `keys`: unknown field `maxx`; \
///     there are min, max, alphabet. Did you mean `max`?");
/// ```
#[derive(Clone, Debug)]
pub struct ProfileFile(Document);

impl ProfileFile {
    /// Reads a text.
    pub fn parse(text: &str) -> Result<ProfileFile, FileError> {
        Document::parse(text).map(ProfileFile)
    }

    /// The profile with the fields of the file in the place of its own. Arrays and `options` are
    /// replaced as a whole; what the file does not name stays.
    pub fn over(&self, profile: &Profile) -> Result<Profile, FileError> {
        Greeting::lay_over(profile, self.0.value.clone())
            .map_err(|wrong| self.0.error(&wrong.path, wrong.to_string()))
    }

    /// As [`ProfileFile::over`], and nothing may be promised that `profile`'s target cannot be
    /// driven to: a simulated disk, a look inside, more threads, or, unless it `dies`, a kill.
    ///
    /// ```
    /// use etalon_spec::{Profile, ProfileFile};
    ///
    /// let file = ProfileFile::parse("survives.power = 'all'").unwrap();
    /// let error = file.over_target(&Profile::default(), true).unwrap_err();
    /// assert_eq!(error.to_string(), "1:10: this target has no disk that could lose power");
    /// ```
    pub fn over_target(&self, profile: &Profile, dies: bool) -> Result<Profile, FileError> {
        let mut over = self.over(profile)?;
        let gains = |of: fn(&Profile) -> Survives| {
            of(profile) == Survives::None && of(&over) != Survives::None
        };
        let layers = over.can.has(Ability::Layers) && !profile.can.has(Ability::Layers);
        let too_much: [(bool, &[&str], &str); 5] = [
            (
                gains(|profile| profile.survives_power),
                &["survives", "power"],
                "this target has no disk that could lose power",
            ),
            (
                gains(|profile| profile.survives_kill) && !dies,
                &["survives", "kill"],
                "this target is no process that could be killed",
            ),
            (
                over.fresh_dir && !profile.fresh_dir && !dies,
                &["open", "fresh_dir"],
                "this target is handed no directory",
            ),
            (layers, &["can"], "this target does not tell its `layers`"),
            (
                over.threads > profile.threads,
                &["threads"],
                "this target takes fewer threads",
            ),
        ];
        match too_much.iter().find(|(is_it, ..)| *is_it) {
            None => {
                if dies {
                    as_a_process(&mut over);
                }
                Ok(over)
            }
            Some((_, path, text)) => {
                let path: Vec<String> = path.iter().map(|part| (*part).to_owned()).collect();
                Err(self.0.error(&path, *text))
            }
        }
    }
}

/// What follows for a target that is ended and started anew: one that keeps everything can be
/// reopened so, and what a kill leaves in any shape is judged only where it is everything.
fn as_a_process(profile: &mut Profile) {
    if profile.survives_close == Survives::All {
        profile.can = profile.can.with(Ability::Reopen);
    }
    if profile.survives_shape == Shape::Any && profile.survives_kill != Survives::All {
        profile.survives_kill = Survives::None;
    }
}
