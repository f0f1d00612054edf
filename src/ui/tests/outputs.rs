//! The displays.

use super::*;

#[test]
fn a_display_is_filled_and_left_by_its_name() {
    let mut bench = Bench::page(Page::Outputs);
    bench.click("Fill HDMI-1");
    bench.click("Leave DP-2");
    bench.click("Test card");
    let wishes = std::mem::take(&mut bench.studio().doings.wishes);
    let wanted = [
        Wish::FillDisplay("HDMI-1".to_owned()),
        Wish::LeaveDisplay("DP-2".to_owned()),
        Wish::TestCard(true),
    ];
    assert_eq!(wishes, wanted);
    bench.look("page-outputs");
}
