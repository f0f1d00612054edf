//! The parameters of the controllers themselves.

use super::mapping::BANKS;
use crate::params::ParamSpec;

/// The bank of mappings in force.
pub const BANK: ParamSpec = ParamSpec::int(
    "midi.bank",
    "Bank",
    "The bank of MIDI mappings in force: mappings of another bank are not heard.",
    (1, BANKS),
    1,
)
.transport();

/// All of them.
pub const PARAMS: &[ParamSpec] = &[BANK];
