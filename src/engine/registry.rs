//! Joins the rows of all rooms into the one table.

use super::{families, gesture_loops, hands, look_rows, macros, modulators, rows, tempo};
use crate::{
    audio, control, decay,
    params::{ParamSpec, Registry, RegistryError},
    playhead, recognition,
};

/// Every parameter of the instrument.
///
/// # Errors
/// Two rooms declare one id, or a row contradicts itself: a mistake in the program.
pub fn registry() -> Result<Registry, RegistryError> {
    let mut rooms: Vec<&[ParamSpec]> =
        vec![playhead::PARAMS, rows::PARAMS, hands::PARAMS, tempo::PARAMS];
    rooms.extend(macros::params());
    rooms.extend([control::PARAMS, audio::PARAMS, recognition::PARAMS]);
    rooms.extend(families::params());
    rooms.extend(look_rows::params());
    rooms.extend(gesture_loops::params());
    rooms.push(decay::PARAMS.as_slice());
    rooms.extend(modulators::params());
    Registry::join(&rooms)
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
