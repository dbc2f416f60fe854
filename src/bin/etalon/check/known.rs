//! `--known FILE`: what is known to be wrong is proved again, and then left out.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use etalon_spec::{
    Class, Contents, Date, Divergence, Known, KnownFile, Lane, OpKind, Profile, Sandbox, Standing,
    Target, applicable, expectations,
};

use crate::cases;
use crate::exit::Problem;

/// A known divergence, as it stands today.
pub struct Proved {
    pub entry: Known,
    pub standing: Standing,
    /// What is wrong with the entry, with its place in the file; none if it holds.
    pub problem: Option<String>,
    /// The file that it stands in.
    pub file: String,
}

impl Proved {
    pub fn holds(&self) -> bool {
        self.standing == Standing::Holds
    }

    /// How it stands, in words.
    pub fn word(&self) -> &'static str {
        match self.standing {
            Standing::Holds => "holds",
            Standing::Mended => "no longer fails",
            Standing::Expired => "past its date",
            Standing::FailsElse(_) => "fails otherwise",
        }
    }
}

/// What is left to check, and what of the known was proved.
pub struct Narrowed {
    pub profile: Profile,
    pub without: Vec<OpKind>,
    pub known: Vec<Proved>,
}

/// Reads the file, runs every proof under the whole profile, and narrows that.
pub fn prove<T>(path: &Path, lane: &Lane<T>, timeout: Option<Duration>) -> Result<Narrowed, Problem>
where
    T: Target + Clone + Send + 'static,
{
    let name = path.display();
    let wrong = |error: etalon_spec::FileError| Problem::usage(error.in_file(&name));
    let file = KnownFile::parse(&cases::text(path)?).map_err(wrong)?;
    let profile = lane.target.profile();
    let (narrowed, without) = file.narrow(&profile).map_err(wrong)?;
    let mut sandbox = Sandbox::new(lane.target.clone(), timeout.unwrap_or(profile.timeout));
    let mut known = Vec::new();
    for entry in &file.entries {
        let proof = path.parent().unwrap_or(Path::new("")).join(&entry.proof);
        let (class, outcome) = run(&proof, entry, &profile, &mut sandbox)?;
        let standing = entry.standing(today(), class, outcome);
        let problem = problem(entry, &standing, class);
        let problem = problem.map(|text| file.about(entry, &text).in_file(&name));
        known.push(Proved {
            entry: entry.clone(),
            standing,
            problem,
            file: name.to_string(),
        });
    }
    Ok(Narrowed {
        profile: narrowed,
        without,
        known,
    })
}

/// How the proof should fail, and how it does.
fn run(
    proof: &Path,
    entry: &Known,
    profile: &Profile,
    sandbox: &mut Sandbox,
) -> Result<(Class, Option<Divergence>), Problem> {
    let name = proof.display();
    let script = cases::load_for(proof, profile)?;
    expectations(&script).map_err(|wrong| Problem::usage(format!("{name}:{wrong}")))?;
    let class = entry.expected_class(&script).ok_or_else(|| {
        let text = "how does it fail? Say it in the entry: class = \"wrong answer\"";
        Problem::usage(format!("{name}: {text}"))
    })?;
    let mut case = script.case;
    applicable(&mut case, profile)
        .map_err(|reason| Problem::usage(format!("{name}: proves nothing: {reason}")))?;
    Ok((class, sandbox.run(&case, Contents::Compared)))
}

fn problem(entry: &Known, standing: &Standing, class: Class) -> Option<String> {
    let Known {
        id, proof, until, ..
    } = entry;
    match standing {
        Standing::Holds => None,
        Standing::Mended => Some(format!("{id}: {proof} no longer fails: remove the entry")),
        Standing::Expired => Some(format!("{id}: was to be mended until {until}")),
        Standing::FailsElse(divergence) => Some(format!(
            "{id}: {proof} was known to fail as `{}`, and fails as `{}`: {divergence}",
            class.name(),
            divergence.class.name()
        )),
    }
}

/// The day, in universal time.
fn today() -> Date {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    Date::from_days(now.unwrap_or_default().as_secs() / 86_400)
}
