//! Joins the rows of all rooms into the one table.

use super::{families, gesture_loops, hands, look_rows, macros, modulators, rows, tempo};
use crate::{
    audio, control, decay,
    params::{ParamSpec, Registry, RegistryError},
    playhead,
};

/// Every parameter of the instrument.
///
/// # Errors
/// Two rooms declare one id, or a row contradicts itself: a mistake in the program.
pub fn registry() -> Result<Registry, RegistryError> {
    let hands: [&[ParamSpec]; 5] =
        [hands::PARAMS, tempo::PARAMS, &macros::PARAMS, control::PARAMS, audio::PARAMS];
    let own = [playhead::PARAMS, rows::PARAMS];
    let families = [families::PARAMS.as_slice(), look_rows::PARAMS.as_slice()];
    let families = [&families[..], &[gesture_loops::PARAMS.as_slice()]].concat().concat();
    let looks: [&[ParamSpec]; 2] = [&decay::PARAMS, &modulators::PARAMS];
    Registry::join(&[&own, hands.as_slice(), families.as_slice(), &looks].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_of_all_rooms_join() {
        let registry = registry().expect("rows");
        assert!(registry.find("playhead.position").is_some());
        assert!(registry.find("panic").is_some());
        for (_, row) in registry.iter() {
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._".contains(c);
            assert!(row.id.chars().all(plain), "{} would not do as an OSC address", row.id);
            assert!(row.help.ends_with('.'), "{} has no sentence of help", row.id);
        }
    }
}
