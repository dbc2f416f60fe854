//! Small sets of configurations: each is explored whole.

use crate::options::Options;
use crate::profile::{OptionValues, Profile};

/// The store's defaults, and the first value of every option, which is mostly the smallest.
///
/// ```
/// use etalon_spec::{Profile, Setting, explore::ends};
///
/// let profile = Profile::new("mine").option("memtable_bytes", [256, 4096].map(Setting::Integer));
/// let both = ends(&profile);
/// assert!(both[0].is_empty());
/// assert_eq!(both[1].get("memtable_bytes"), Some(&Setting::Integer(256)));
/// ```
pub fn ends(profile: &Profile) -> Vec<Options> {
    let first = first(profile);
    let mut both = vec![Options::default()];
    if !first.is_empty() {
        both.push(first);
    }
    both
}

/// [`ends`], and every two values of every two options, the others at their first: whatever two
/// options do together is among these.
///
/// ```
/// use etalon_spec::{Profile, Setting, explore::pairs};
///
/// let values = || [1, 2, 3].map(Setting::Integer);
/// let profile = Profile::new("mine").option("a", values()).option("b", values());
/// // The defaults, the first of both, one of them otherwise (2 + 2), both (2 * 2).
/// assert_eq!(pairs(&profile).len(), 1 + 1 + 4 + 4);
/// ```
pub fn pairs(profile: &Profile) -> Vec<Options> {
    let mut all = ends(profile);
    for (place, option) in profile.options.iter().enumerate() {
        for one in others(option, &first(profile)) {
            for other in &profile.options[place + 1..] {
                all.extend(others(other, &one));
            }
            all.push(one);
        }
    }
    all
}

fn first(profile: &Profile) -> Options {
    let mut first = Options::default();
    for option in &profile.options {
        if let Some(value) = option.values.first() {
            first.set(option.name.clone(), value.clone());
        }
    }
    first
}

/// The options with each value of this one but its first.
fn others(option: &OptionValues, options: &Options) -> Vec<Options> {
    let rest = option.values.iter().skip(1);
    rest.map(|value| {
        let mut options = options.clone();
        options.set(option.name.clone(), value.clone());
        options
    })
    .collect()
}
