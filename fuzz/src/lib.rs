//! The rooms that read other people's bytes, and what fuzzing asks of them.
//!
//! The rooms are compiled here by themselves, from the program's own files: so an instrumented build
//! takes a minute and needs neither GStreamer nor a graphics library. It holds as long as they know
//! lower floors only.

#[path = "../../src/bitstream/mod.rs"]
pub mod bitstream;
#[path = "../../src/clip/mod.rs"]
pub mod clip;
/// Of this room only what reads OSC.
#[path = "."]
pub mod control {
    /// See [`super`].
    #[path = "."]
    pub mod osc {
        #[path = "../../src/control/osc/framing.rs"]
        #[allow(dead_code, reason = "nothing is sent here")]
        mod framing;
        #[path = "../../src/control/osc/fuzz.rs"]
        pub mod fuzz;
        #[path = "../../src/control/osc/packet.rs"]
        #[allow(dead_code, reason = "time tags are not waited for here")]
        mod packet;
    }
}
#[path = "../../src/units/mod.rs"]
pub mod units;

pub mod targets;
