//! The model as a store under test: the one that is right by definition.

use super::Model;
use crate::options::Options;
use crate::profile::{Abilities, Ability, Conflict, Profile};
use crate::store::{Outcome, Target};

/// Makes models: the target that is right by definition.
///
/// It cannot be reopened, for it keeps nothing; the checker's own model just goes on.
#[derive(Clone, Copy, Debug, Default)]
pub struct ModelTarget;

impl Target for ModelTarget {
    type Store = Model;

    fn profile(&self) -> Profile {
        let can = Abilities::ALL
            .without(Ability::Reopen)
            .without(Ability::Layers);
        Profile {
            can,
            transaction_max: 3,
            transaction_conflict: Conflict::Refused,
            ..Profile::new("model")
        }
    }

    fn create(&mut self, _options: &Options) -> Outcome<Model> {
        Ok(Model::default())
    }
}
