//! Other people's traffic.

use super::*;
use proptest::prelude::*;

proptest! {
    /// Other people's traffic (running status, cut sysex, foreign clocks, real time within messages):
    /// nothing breaks, values stay within 0..=1, and the mappings are what they were.
    #[test]
    fn no_traffic_is_too_much(
        traffic in prop::collection::vec((0_u32..4, prop::collection::vec(any::<u8>(), 1..9)), 0..120),
        is_seen in any::<bool>()
    ) {
        let modes = [Mode::Absolute, Mode::Toggle, Mode::Gate, Mode::Trigger, Mode::TwosComplement];
        let list: Vec<Mapping> = (0..40)
            .map(|n| Mapping {
                device: "mapped".to_owned(),
                bank: (n % 3 == 0).then_some(1),
                ..cc(n, ROWS[usize::from(n) % 5].id, modes[usize::from(n) % modes.len()])
            })
            .collect();
        let mut rig = Rig::new(list, None, is_seen);
        let before = rig.desk.state().mappings;
        for (id, bytes) in traffic {
            match bytes[0] {
                0..10 => rig.translator.here(id, if id == 0 { "mapped" } else { "pads" }.to_owned()),
                10..20 => rig.translator.gone(id),
                _ => rig.bytes(id, &bytes),
            }
            rig.now += Duration::from_millis(u64::from(bytes[0]));
            for (_, change) in rig.sent() {
                if let Change::Normalised(value) | Change::Press(value) = change {
                    prop_assert!((0.0..=1.0).contains(&value));
                }
            }
        }
        prop_assert_eq!(rig.desk.state().mappings, before);
        // And a whole message is understood as ever.
        rig.translator.here(9, "pads".to_owned());
        rig.sent();
        rig.bytes(9, &[0xE0, 0, 64]);
        let events = rig.sent();
        prop_assert_eq!(events.last(), Some(&("t.a", Change::Normalised(0.5))));
    }
}
