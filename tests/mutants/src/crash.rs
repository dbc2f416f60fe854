//! What finds a fault that only a crash or a failing disk shows: each finder by itself.
//!
//! ```text
//!   etalon explore --crash --models prefix      the shortest string of operations, or none
//!                                   per-file    ...
//!                    --background --models subset where two logs have changes
//!   etalon check --crash                        a random case, shrunk
//!   etalon check                                the same without crashes: mostly none
//! ```
//!
//! Every budget is a number of operations, none a time: what is found does not depend on the
//! machine.

use crate::kill::{Kill, Run, SHRINK_LONGEST};

/// What `explore` can be restricted to.
#[derive(Clone, Copy, Debug)]
pub struct Model {
    /// On its command line.
    pub words: &'static [&'static str],
    /// In the table.
    pub name: &'static str,
    /// Operations in the longest strings: as many as cost a second, mostly.
    pub longest: usize,
    /// The same where nothing else has found the fault.
    pub alone: usize,
}

/// All of them, in the order of the table.
pub const MODELS: [Model; 8] = [
    model(&["prefix"], "prefix", 2),
    model(&["per-file"], "prefix per file", 2),
    model(&["directory"], "directory operations", 2),
    model(&["subset"], "subset", 2),
    model(&["sector"], "torn at sectors", 3),
    model(&["byte"], "torn at bytes", 3),
    Model {
        alone: 3,
        ..model(&["faults"], "failing disk", 2)
    },
    model(&["subset", "--background"], "subset, with a background", 2),
];

const fn model(words: &'static [&'static str], name: &'static str, longest: usize) -> Model {
    Model {
        words,
        name,
        longest,
        alone: longest,
    }
}

/// After so many random operations a fault counts as not found.
const MOST_OPERATIONS: &str = "200000";

/// A string of operations after which something is wrong.
#[derive(Clone, Debug)]
pub struct Shortest {
    /// How many operations it has. None shorter shows the fault in that model.
    pub operations: usize,
    /// The string, the crash, and what was found.
    pub text: String,
}

/// What found a fault, and what did not.
#[derive(Clone, Debug)]
pub struct Crashes {
    /// By model, in the order of [`MODELS`].
    pub models: [Option<Shortest>; MODELS.len()],
    /// By random cases with crashes and failures.
    pub random: Option<Kill>,
    /// By random cases without: operations sent until then.
    pub without: Option<u64>,
}

impl Crashes {
    /// Whether anything found it.
    pub fn any(&self) -> bool {
        self.models.iter().any(Option::is_some) || self.random.is_some() || self.without.is_some()
    }
}

impl Run<'_> {
    /// Lets every finder look for the fault. The error says what went wrong with one.
    pub fn crashes(&self) -> Result<Crashes, String> {
        let mut models = [const { None }; MODELS.len()];
        for (found, model) in models.iter_mut().zip(MODELS) {
            *found = self.shortest(model, model.longest)?;
        }
        let most = ["--ops", MOST_OPERATIONS];
        let without = self.find(&[&["check"], &most[..]].concat(), "0s")?;
        let mut crashes = Crashes {
            models,
            random: self.find(&[&["check", "--crash"], &most[..]].concat(), SHRINK_LONGEST)?,
            without: without.map(|kill| kill.sent),
        };
        if !crashes.any() {
            for (found, model) in crashes.models.iter_mut().zip(MODELS) {
                if model.alone > model.longest {
                    *found = self.shortest(model, model.alone)?;
                }
            }
        }
        Ok(crashes)
    }

    /// The shortest string that shows the fault in one model.
    fn shortest(&self, model: Model, longest: usize) -> Result<Option<Shortest>, String> {
        let words = model.words;
        let length = longest.to_string();
        let explore = ["explore", "--crash", "--length", &length, "--models"];
        let output = self.etalon(&[&explore[..], words].concat());
        let text = String::from_utf8_lossy(&output.stdout);
        // Short strings decide nothing by themselves: then it says 2.
        let found = match output.status.code() {
            Some(0 | 2) if text.contains(&format!("\nto length {longest}\n")) => return Ok(None),
            Some(1) => text.split_once("\nops 1\n"),
            _ => None,
        };
        let Some((before, found)) = found else {
            let errors = String::from_utf8_lossy(&output.stderr);
            return Err(format!("explore --models {words:?}:\n{text}\n{errors}"));
        };
        Ok(Some(Shortest {
            // It goes from length to length, from 0 on, and tells of each that it has finished.
            operations: before.matches("\nto length ").count(),
            text: found.trim_end().trim_end_matches("\nFAIL").to_owned(),
        }))
    }
}
